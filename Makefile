# Every command needs only Python >= 3.11, make and bash; deploy/local does the rest.
.DEFAULT_GOAL := help
.PHONY: help run demo-large test coverage bench check images requirements lock

help: ## cette liste
	@sed -n 's/^\([a-z-]*\): ## \(.*\)/make \1@\2/p' Makefile | \
		while IFS=@ read -r name text; do printf '%-20s %s\n' "$$name" "$$text"; done

run: ## installe ce qui manque puis démarre Winvest (Ctrl-C arrête tout)
	@deploy/local/start run

demo-large: ## ajoute aux données de « make run » 50 000 produits et 500 000 versions (ARGS="--products 5000")
	@deploy/local/start demo-large $(ARGS)

test: ## installe ce qui manque puis lance les tests (ARGS="tests/catalog -k prix")
	@deploy/local/start test $(ARGS)

coverage: ## lance les tests en mesurant le code qu'ils parcourent, par sujet du cahier des charges (ARGS="tests/catalog")
	@deploy/local/start coverage $(ARGS)

bench: ## mesure les listes sur ces données et écrit du JSON (ARGS="catalog_product")
	@deploy/local/start bench $(ARGS)

images: ## reprend les images du README et de docs/ dans un navigateur, sur les données de démonstration
	@deploy/local/start test tests/e2e/pictures.py

check: ## format, règles, types, contrats d'import, gabarits, migrations, déploiement
	@deploy/local/start check

requirements: ## exigences du cahier des charges qu'aucun test ne nomme
	@deploy/local/start requirements

lock: ## recalcule les verrous de deploy/requirements (réseau nécessaire)
	@deploy/local/start lock
