# SPDX-License-Identifier: MIT
# The man pages say what the programs and headers say.

man=$top/docs/man

if command -v mandoc >"$dir/which"; then
	for page in "$man"/*.[13]; do
		it "has nothing for mandoc to warn of in $(basename "$page")"
		run mandoc -Tlint -Wwarning "$page"
		exits 0
		prints ""
	done
fi

# mdoc has "Fl e" for -e and "Fl \-entry" for --entry.
has_option()
{
	awk -v option="$2" '
		BEGIN { sub(/^-/, "", option); sub(/^-/, "\\-", option) }
		{ for (i = 1; i < NF; i++) if ($i == "Fl" && $(i + 1) == option) found = 1 }
		END { exit !found }' "$1" || wrong "$(basename "$1") lacks $2"
}

for command in run check asm disasm pack jit; do
	it "has every option of 'vouch $command --help' in its man page"
	"$VOUCH" $command --help >"$dir/help" 2>/dev/null
	options=$(grep -oE '^ +(-[a-z], )?--[a-z-]+' "$dir/help" | tr -d ', ' | sed 's/^-\([a-z]\)--/-\1 --/')
	[ -n "$options" ] || wrong "the help lists no options"
	sed -n "/^\.Ss .*vouch $command/,/^\.S[sh] /p" "$man/vouch.1" >"$dir/vouch.1"
	[ -s "$dir/vouch.1" ] || wrong "no section for it"
	for option in $options; do
		has_option "$dir/vouch.1" "$option"
	done
done

it "names in vouch.1 every command that 'vouch --help' names"
commands=$("$VOUCH" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
[ -n "$commands" ] || wrong "the help lists no commands"
for command in $commands; do
	grep -q "Cm $command" "$man/vouch.1" || wrong "vouch.1 lacks $command"
done

it "has every option of 'vouch-plugin --help' in vouch-plugin.1"
for option in $("${PLUGIN:-$top/vouch-plugin}" --help | grep -oE -e '--[a-z]+' | sort -u); do
	has_option "$man/vouch-plugin.1" "$option"
done

prover=${PROVER:-$top/vouch-prove}
if [ -x "$prover" ]; then
	it "has every option of 'vouch prove --help' in vouch-prove.1"
	for option in $("$prover" prove --help | sed -n 's/^  \(-[a-z-]*\).*/\1/p') --help; do
		has_option "$man/vouch-prove.1" "$option"
	done
	it "has every option of 'vouch replay --help' in vouch-prove.1"
	sed -n '/^\.Ss vouch replay/,/^\.Sh /p' "$man/vouch-prove.1" >"$dir/vouch-replay.1"
	for option in $("$prover" replay --help | sed -n 's/^  \(-[a-z-]*\).*/\1/p') --help; do
		has_option "$dir/vouch-replay.1" "$option"
	done
fi

it "names every public function and constant of a status in vouch.3"
names=$(cat "$top"/include/vouch/*.h | grep -oE '\bvouch_[a-z_]+\(' | tr -d '(' | sort -u)
names="$names $(sed -n '/^enum vouch_status/,/^}/s/^\t\(VOUCH_[A-Z_]*\)[, ].*/\1/p' "$top/include/vouch/vouch.h" | grep -v COUNT)"
for name in $names; do
	grep -q "$name" "$man/vouch.3" || wrong "vouch.3 lacks $name"
done
