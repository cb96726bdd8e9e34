# SPDX-License-Identifier: Apache-2.0

dist_man_MANS = \
	man/caproof-ceremony.7 \
	man/caproof-platforms.7 \
	man/caproof.1 \
	man/libcaproof.3 \
	man/verify-bundle.1
