# SPDX-License-Identifier: MIT
# A test is a sentence and what follows it up to the next one. Sourced by run.sh and what it runs; POSIX sh.
#
#	it "prints r0"
#	run $VOUCH run prog.s
#	exits 0
#	prints 0x2a

passed=0
failed=0
broken=
sentence=

finish()
{
	[ -n "$sentence" ] || return 0
	if [ -n "$broken" ]; then
		failed=$((failed + 1))
		printf 'FAILED: %s\n%s\n' "$sentence" "$broken"
	else
		passed=$((passed + 1))
	fi
	broken=
}

it()
{
	finish
	sentence=$1
}

wrong()
{
	broken="$broken  $1
"
}

# Run a command with standard input from $input (default: empty).
run()
{
	timeout 60 "$@" >"$dir/out" 2>"$dir/err" <"${input:-/dev/null}"
	code=$?
}

# Run a command with this text as standard input.
feed()
{
	printf '%s\n' "$1" >"$dir/in"
	shift
	input="$dir/in"
	run "$@"
	input=
}

exits()
{
	[ "$code" = "$1" ] || wrong "exit code $code instead of $1; standard error: $(cat "$dir/err")"
}

# Standard output is exactly this line (or these).
prints()
{
	[ "$(cat "$dir/out")" = "$1" ] || wrong "printed '$(cat "$dir/out")' instead of '$1'"
}

# Standard output, or standard error, has a line with this text.
shows()
{
	grep -qF -e "$1" "$dir/out" || wrong "standard output lacks '$1': $(cat "$dir/out")"
}

says()
{
	grep -qF -e "$1" "$dir/err" || wrong "standard error lacks '$1': $(cat "$dir/err")"
}

says_nothing()
{
	[ ! -s "$dir/err" ] || wrong "standard error is not empty: $(cat "$dir/err")"
}

# The value of a JSON path like access/size; the document is standard output, and nothing but JSON.
json()
{
	value=$(python3 - "$dir/out" "$1" <<'PYTHON'
import json, sys
try:
    value = json.load(open(sys.argv[1]))
    for key in sys.argv[2].split("/"):
        value = value[key]
    print(json.dumps(value))
except (ValueError, KeyError, TypeError) as error:
    print(repr(error))
PYTHON
	)
	[ "$value" = "$2" ] || wrong "JSON $1 is $value instead of $2"
}

same_files()
{
	cmp -s "$1" "$2" || wrong "$1 and $2 differ"
}

# Print the count and leave with it.
tally()
{
	finish
	printf '%d passed, %d failed\n' "$passed" "$failed"
	[ "$failed" = 0 ]
}
