// Starts Swagger UI from a file of ours: the Content-Security-Policy refuses inline scripts.
"use strict";

const page = document.getElementById("docs");

SwaggerUIBundle({
  url: page.dataset.schema,
  domNode: page,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  // The session of the back-office is the one in use, hence its CSRF token.
  requestInterceptor: (request) => {
    request.headers["X-CSRFToken"] = page.dataset.token;
    return request;
  },
});
