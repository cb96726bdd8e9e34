# SPDX-License-Identifier: Apache-2.0
#
# Read by bash-completion when the first Tab is pressed behind the tool's name.

completiondir = $(datadir)/bash-completion/completions

dist_completion_DATA = completion/caproof
