# SPDX-License-Identifier: MIT
# Joins C files, see amalgamate.sh. Every file is read twice: round 1 learns which names a part has at file
# scope, round 2 writes. It knows this tree's layout, not C: what is at file scope starts in column 1.

# The shared part keeps its names; others that have one of them, too, give it up.
function learn(name, what)
{
	if ((part, name) in learnt)
		return
	learnt[part, name] = 1
	parts[name]++
	if (part != "shared")
		kind[part, name] = what
}

# The name that a declaration's first line gives to a static function or object.
function learn_static(line,    what)
{
	what = match(line, /[[=(]/) && substr(line, RSTART, 1) == "(" ? "function" : "object"
	line = substr(line, 1, RSTART - 1)
	sub(/ *$/, "", line)
	match(line, /[A-Za-z_0-9]+$/)
	learn(substr(line, RSTART), what)
}

function learn_constants(line,    n, i, names)
{
	gsub(/\/\*[^*]*\*\//, "", line)
	sub(/^enum *\{/, "", line)
	sub(/\}.*/, "", line)
	n = split(line, names, ",")
	for (i = 1; i <= n; i++)
		if (match(names[i], /[A-Z][A-Z_0-9]*/))
			learn(substr(names[i], RSTART, RLENGTH), "object")
}

# The same inside a macro: "static … divide##width(" makes divide32() and divide64().
function learn_generated(line)
{
	match(line, /[a-z_]+##[a-z]+\(/)
	line = substr(line, RSTART)
	sub(/##.*/, "", line)
	if (!((part, line) in generated)) {
		generated[part, line] = 1
		generating[line]++
	}
}

function is_shared_generated(word, after,    stem)
{
	stem = word
	if (after !~ /^##/) {
		sub(/[0-9]+$/, "", stem)
		if (stem == word || after !~ /^\(/)
			return 0
	}
	return (part, stem) in generated && generating[stem] > 1
}

# Whether a word, with what stands before and after it, is this part's own name and needs its part in front.
function is_shared_name(word, before, after,    what)
{
	if (parts[word] < 2 || !((part, word) in kind))
		return 0
	what = kind[part, word]
	if (what == "struct")
		return before ~ /struct $/
	if (before ~ /(\.|->|VM_FIELD\()$/) # a field
		return 0
	return what == "object" || after ~ /^\(/ || before ~ /\.[a-z_]+ = $/ && after ~ /^,/
}

function renamed(line,    done, word)
{
	done = ""
	while (match(line, /[A-Za-z_][A-Za-z_0-9]*/)) {
		word = substr(line, RSTART, RLENGTH)
		done = done substr(line, 1, RSTART - 1)
		line = substr(line, RSTART + RLENGTH)
		done = done (is_shared_name(word, done, line) || is_shared_generated(word, line) ? part "_" word : word)
	}
	return done line
}

function end_macros(    i)
{
	for (i = 0; i < nmacros; i++)
		printf "%s#undef %s\n", i == 0 ? "\n" : "", macros[i]
	nmacros = 0
}

# opcodes.def: first its comment and the macros for rows of a kind, then all rows as one macro.
function end_rows()
{
	printf "\n#define VOUCH_OPCODES \\\n%s\n", rows
	rows = ""
}

FNR == 1 && round == 2 {
	if (rows)
		end_rows()
	if (part != previous)
		end_macros()
	previous = part
	if (FILENAME == "src/jit/jit.h")
		print "\n#ifndef VOUCH_NO_JIT"
	printf "\n/* ---- %s ---- */\n\n", FILENAME
}

/^\/\* SPDX/ { next }

round == 1 && /^static / { learn_static($0) }
round == 1 && /^\tstatic .*##[a-z]+\(/ && part != "shared" { learn_generated($0) }
round == 1 && /^struct [a-z_]+ \{/ { learn($2, "struct") }
round == 1 && /^enum \{/ { constants = 1 }
round == 1 && constants { learn_constants($0) }
/\}/ { constants = 0 }
round == 1 { next }

FILENAME ~ /opcodes\.def$/ {
	if (/^#undef/ || !NF)
		next
	if (/^#define/)
		in_macro = seen_macro = 1
	if (in_macro || !seen_macro)
		print
	else
		rows = rows (rows ? " \\\n" : "") "\t" $0
	if (!/\\$/)
		in_macro = 0
	next
}

/^#include "(isa\/)?opcodes\.def"/ {
	print "VOUCH_OPCODES\n#undef INSN\n#undef ALSO"
	next
}
/^#include "/ { next }

/^#define [A-Za-z_]/ && part != "shared" {
	name = $2
	sub(/\(.*/, "", name)
	if (name != "INSN" && name != "ALSO" && !((part, name) in is_macro)) {
		is_macro[part, name] = 1
		macros[nmacros++] = name
	}
}
{ print renamed($0) }

END {
	end_macros()
	print "\n#endif"
}
