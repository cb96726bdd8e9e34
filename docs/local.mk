# SPDX-License-Identifier: Apache-2.0

dist_doc_DATA = \
	docs/ceremony-audit.md \
	docs/ceremony-one-person.md \
	docs/ceremony-two-officers.md \
	docs/troubleshooting.md
