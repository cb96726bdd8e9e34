# SPDX-License-Identifier: Apache-2.0

docsdir = $(docdir)/docs
dist_docs_DATA = \
	docs/adding-a-command.md \
	docs/adding-a-platform.md \
	docs/assurance.md \
	docs/ceremony-audit.md \
	docs/ceremony-one-person.md \
	docs/ceremony-two-officers.md \
	docs/comparison.md \
	docs/coverage.md \
	docs/how-it-works.svg \
	docs/mutants.md \
	docs/session.svg \
	docs/troubleshooting.md

recipesdir = $(docdir)/docs/recipes
dist_recipes_DATA = \
	docs/recipes/README.md \
	docs/recipes/cloudhsm.md \
	docs/recipes/luna.md \
	docs/recipes/nitrokey.md \
	docs/recipes/nshield.md \
	docs/recipes/p11-kit-ssh.md \
	docs/recipes/softhsm.md \
	docs/recipes/tpm2.md \
	docs/recipes/yubikey.md
