# SPDX-License-Identifier: MIT
# sh proofs/breaks.sh FOLDER: each mistake in proofs/breaks, in a copy of the sources, must make the export or a proof
# fail. FOLDER has the Coq objects of `make proofs`. EXPORT is the exporter, OBJ what it is linked of, EMIT how the
# checker is compiled for RV64, COQC coqc. Minutes; WHAT='a regular expression' picks some.
set -u
folder=$1
work=$folder/breaks
missed=0
mkdir -p "$work/coq"
ln -sf "$PWD/$folder"/*.vo "$work/coq"

# The exporter with the copy's version of a file: file, what to export, as which Coq file.
export_model()
{
	${CC:-cc} -std=c11 -D_GNU_SOURCE -Iinclude -Isrc -I. -c "$work/tree/$1" -o "$work/broken.o" &&
		${CC:-cc} $(printf '%s\n' $OBJ | grep -v "${1%.c}\\.o") "$work/broken.o" -lz3 -lelf -o "$work/export" &&
		"$work/export" "$2" >"$work/coq/$3.v"
}

export_checker()
{
	$EMIT -Wl,-e,check_one -Iinclude -I"$work/tree/src" proofs/check/insn.c "$work/tree/src/isa/decode.c" \
		prover/exec/runtime.c -o "$work/check.elf" && "$EXPORT" check "$work/check.elf" >"$work/coq/CheckModel.v"
}

# model and tie
proves()
{
	rm -f "$work/coq/$1.vo" "$work/coq/$2.vo"
	(cd "$work/coq" && $COQC -Q . Vouch "$1.v" && $COQC -Q . Vouch -o "$2.vo" "$top/proofs/$2.v") >/dev/null
}

# What the model of groups is for: the file that was edited, and those that rest on it.
composes()
{
	edited=no
	for name in Groups Driver Composition; do
		ln -sf "$top/$folder/$name.vo" "$work/coq"
		[ "$1" = "proofs/$name.v" ] && edited=yes
		[ $edited = yes ] || continue
		rm "$work/coq/$name.vo"
		(cd "$work/coq" && $COQC -Q . Vouch -o "$name.vo" "$top/$work/tree/proofs/$name.v") >/dev/null || return 1
	done
}

top=$PWD
grep -v '^#' proofs/breaks | grep -E "${WHAT:-.}" >"$work/list"
while IFS='|' read -r what file edit; do
	rm -rf "$work/tree"
	mkdir -p "$work/tree/prover"
	cp -r src "$work/tree/src"
	cp -r prover/model prover/theorem "$work/tree/prover"
	cp -r proofs "$work/tree/proofs"
	sed "$edit" "$file" >"$work/tree/$file"
	if cmp -s "$file" "$work/tree/$file"; then
		echo "$what: the edit changes nothing in $file" >&2
		missed=1
		continue
	fi
	case $file in
	*/bpf.c) tie=SpecTie ok=$(export_model $file bpf BpfModel 2>"$work/why" && proves BpfModel SpecTie 2>"$work/why" && echo yes) ;;
	*/world.c) tie=WorldTie ok=$(export_model $file world WorldModel 2>"$work/why" && proves WorldModel WorldTie 2>"$work/why" && echo yes) ;;
	proofs/*) ok=$(composes $file 2>"$work/why" && echo yes) ;;
	*) ok=$(export_checker 2>"$work/why" && proves CheckModel CheckTie 2>"$work/why" && echo yes) ;;
	esac
	if [ "$ok" ]; then
		echo "NOT NOTICED: $what ($file)" >&2
		missed=1
	else
		line=$(sed -n 's/.*line \([0-9]*\),.*/\1/p' "$work/why" | head -n 1)
		case $file in
		proofs/*) tie=$(sed -n 's#.*proofs/\([A-Za-z]*\)\.v", line.*#\1#p' "$work/why" | head -n 1) ;;
		esac
		case $file in
		prover/* | proofs/*) by=$(head -n "${line:-0}" proofs/$tie.v | sed -n 's/^\(Theorem\|Lemma\) \([a-z0-9_]*\).*/\2/p' | tail -n 1) ;;
		*) by=$(sed -n 's/.*\(opcode [0-9]*\) is another.*/\1/p' "$work/why") ;;
		esac
		echo "noticed: $what: ${by:-$(head -n 1 "$work/why" | cut -c 1-80)}"
	fi
done <"$work/list"
exit $missed
