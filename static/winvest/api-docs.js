// Starts Swagger UI from a file of ours: the Content-Security-Policy refuses inline scripts.
"use strict";

const page = document.getElementById("docs");

// Swagger UI has no translations: its own few words are put in French as they appear.
const FRENCH = new Map([
  ["Authorize", "S'authentifier"],
  ["Available authorizations", "Moyens d'authentification"],
  ["Authorized", "Authentifié"],
  ["Logout", "Oublier"],
  ["Close", "Fermer"],
  ["Value:", "Valeur :"],
  ["Parameters", "Paramètres"],
  ["No parameters", "Aucun paramètre"],
  ["Name", "Nom"],
  ["Description", "Description"],
  ["Request body", "Corps de la requête"],
  ["Try it out", "Essayer"],
  ["Execute", "Envoyer"],
  ["Cancel", "Annuler"],
  ["Clear", "Effacer"],
  ["Reset", "Réinitialiser"],
  ["Responses", "Réponses"],
  ["Server response", "Réponse du serveur"],
  ["Response body", "Corps de la réponse"],
  ["Response headers", "En-têtes de la réponse"],
  ["Request URL", "Adresse appelée"],
  ["Request duration", "Durée de la requête"],
  ["Code", "Code"],
  ["Details", "Détails"],
  ["Links", "Liens"],
  ["No links", "Aucun lien"],
  ["Media type", "Type de contenu"],
  ["Controls ", "Commande l'en-tête "],
  [" header.", "."],
  ["Examples:", "Exemples :"],
  ["Example Value", "Exemple"],
  ["Edit Value", "Modifier"],
  ["Schema", "Schéma"],
  ["Schemas", "Schémas"],
  ["Download", "Télécharger"],
  ["Loading", "Chargement"],
  ["Send empty value", "Envoyer une valeur vide"],
  ["required", "obligatoire"],
  ["Expand all", "Tout déplier"],
  ["Collapse all", "Tout replier"],
]);

function translate(root) {
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const french = FRENCH.get(text.data) ?? FRENCH.get(text.data.trim());
    if (french !== undefined && french !== text.data) {
      text.data = french;
    }
  }
}

// What has just changed is read, and nothing else: the page has thousands of texts.
new MutationObserver((records) => {
  new Set(records.map((record) => record.target)).forEach(translate);
}).observe(page, { childList: true, subtree: true });

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
