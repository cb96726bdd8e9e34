dnl SPDX-License-Identifier: Apache-2.0
dnl
dnl Probes for compiler and linker options.  An option is taken when the compiler
dnl accepts it without a word, since a warning at every call helps nobody.

dnl CAPROOF_TRY_CFLAGS(VARIABLE, OPTIONS, [IF-TAKEN], [IF-NOT])
dnl OPTIONS go to VARIABLE when a program compiles and links with them.
AC_DEFUN([CAPROOF_TRY_CFLAGS], [
AS_VAR_PUSHDEF([taken], [caproof_cv_cflags_$2])
AC_CACHE_CHECK([whether $CC takes $2], [taken], [
	caproof_save_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS -Werror $2"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <stdlib.h>]], [[return getenv("x") != NULL;]])],
		[AS_VAR_SET([taken], [yes])], [AS_VAR_SET([taken], [no])])
	CFLAGS=$caproof_save_CFLAGS])
AS_VAR_IF([taken], [yes], [AS_VAR_APPEND([$1], [" $2"])
$3], [$4])
AS_VAR_POPDEF([taken])])

dnl CAPROOF_TRY_LDFLAGS(VARIABLE, OPTIONS)
AC_DEFUN([CAPROOF_TRY_LDFLAGS], [
AS_VAR_PUSHDEF([taken], [caproof_cv_ldflags_$2])
AC_CACHE_CHECK([whether the linker takes $2], [taken], [
	caproof_save_LDFLAGS=$LDFLAGS
	LDFLAGS="$LDFLAGS $2"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
		[AS_VAR_SET([taken], [yes])], [AS_VAR_SET([taken], [no])])
	LDFLAGS=$caproof_save_LDFLAGS])
AS_VAR_IF([taken], [yes], [AS_VAR_APPEND([$1], [" $2"])])
AS_VAR_POPDEF([taken])])
