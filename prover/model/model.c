/* SPDX-License-Identifier: MIT */
/* See model.h. */
#include "prover/model/model.h"

#include <stdarg.h>

static void set_reason(struct model_env *env, const char *format, va_list args)
{
	vsnprintf(env->reason, sizeof(env->reason), format, args);
	env->trapped = env->undefined = false;
}

bool model_stop(struct model_env *env, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_reason(env, format, args);
	va_end(args);
	return false;
}

bool model_trap(struct model_env *env, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_reason(env, format, args);
	va_end(args);
	env->trapped = true;
	return false;
}

bool model_undefined(struct model_env *env, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_reason(env, format, args);
	va_end(args);
	env->undefined = true;
	return false;
}

int model_branch(struct model_env *env, term condition)
{
	if (term_is_const(condition))
		return term_is_true(condition);
	return env->branch(env, condition);
}

bool model_field(struct model_env *env, term word, unsigned hi, unsigned lo, const char *name,
	unsigned *value)
{
	term field = bv_extract(env->tc, hi, lo, word);

	if (!term_is_const(field) && env->settle)
		field = env->settle(env, field);
	if (!term_is_const(field))
		return model_stop(
			env, "%s (bits %u to %u) of an instruction is not constant", name, hi, lo);
	*value = (unsigned)term_value(field);
	return true;
}
