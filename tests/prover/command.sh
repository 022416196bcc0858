# SPDX-License-Identifier: MIT
# What vouch-prove makes of obligations that end in every way: sh tests/prover/command.sh PROVER ELF
# PROVER is vouch-prove on tests/prover/fake_theorem.c. Needs python3.
set -u
here=$(cd "$(dirname "$0")" && pwd)
PROVER=$1
ELF=$2
dir=$(mktemp -d "${TMPDIR:-/tmp}/vouch-command.XXXXXX") || exit 3
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
# shellcheck disable=SC2034 # lib.sh reads it
input=
. "$here/../cli/lib.sh"
mkdir "$dir/cex"

prove()
{
	run "$PROVER" prove "$@" --emitters "$ELF" --cache "$dir/cache" --output "$dir/cex"
}

says()
{
	grep -qF -- "$1" "$dir/out" || wrong "standard output lacks '$1': $(cat "$dir/out")"
}

complains()
{
	grep -qF -- "$1" "$dir/err" || wrong "standard error lacks '$1': $(cat "$dir/err")"
}

it "lists what a prefix of a target means"
run "$PROVER" prove fake --list
exits 0
[ "$(wc -l <"$dir/out")" = 8 ] || wrong "not 8: $(cat "$dir/out")"
says fakec/proved

it "takes shell patterns and names"
run "$PROVER" prove 'fake*/prov*' hang/here --list
exits 0
[ "$(wc -l <"$dir/out")" = 3 ] || wrong "not 3: $(cat "$dir/out")"

it "refuses a pattern that means nothing, and options it can't read"
for arguments in nothing '-j 0' '-j x' '--timeout 0' '--shard 3/2' '--shard 0/2' '--shard 1' '--nonsense' '--explain fake'; do
	# shellcheck disable=SC2086 # words are arguments
	prove $arguments
	exits 2
done

it "splits obligations over shards, each to exactly one"
for shard in 1 2 3; do
	"$PROVER" prove --list --shard $shard/3
done | sort >"$dir/shards"
"$PROVER" prove --list | sort | cmp -s - "$dir/shards" || wrong "not the same"

it "says what to build if there are no emitters"
run "$PROVER" prove fake/proved --emitters "$dir/none" --no-cache
exits 3
complains "make prover"

it "takes code for the machine that it was told of, and for no other"
prove --as pdp11
exits 2
run "$PROVER" prove fake/proved --as thumb2 --emitters "$ELF" --no-cache
exits 3
complains "it is compiled for rv64, and --as says another machine"
run "$PROVER" prove fake/proved --as rv64 --emitters "$ELF" --no-cache
exits 0
run "$PROVER" prove fake/proved --emitters /dev/null --no-cache
exits 3
complains "not an ELF file"

it "takes the emitters that the environment names"
VOUCH_EMITTERS=$dir/none run "$PROVER" prove fake/proved --no-cache
exits 3
complains "$dir/none"
VOUCH_EMITTERS=$ELF run "$PROVER" prove fake/proved --no-cache
exits 0

it "counts what is proved, and exits with 0"
prove fake/proved fakec
exits 0
says "2 obligations: 2 proved, 0 refuted, 0 unknown; 0 from the cache"
says "4 paths of emitters, 6 runs of their code, 10 questions to the solver"

it "does not prove again what was proved"
prove fake/proved fakec
exits 0
says "2 from the cache"

it "proves again for other emitters, and where a cached proof is damaged"
cp "$ELF" "$dir/other.elf"
printf x >>"$dir/other.elf"
run "$PROVER" prove fake/proved --emitters "$dir/other.elf" --cache "$dir/cache"
says "0 from the cache"
for file in "$dir"/cache/*; do
	case $file in *times) ;; *) printf 'proved 1' >"$file" ;; esac
done
prove fake/proved
exits 0
says "0 from the cache"

it "says if a refutation has nothing that could be replayed"
prove refuse
exits 1
says "refuted: refuse/refused: the emitter refuses"
says "nothing to replay"

it "reports a refutation and writes its counterexample, and doesn't remember it"
for again in 1 2; do
	rm -f "$dir"/cex/*
	prove fake/refuted
	exits 1
	says 'refuted: fake/refuted: a "register" differs'
	says "dst was 1, and is 2"
	says "vouch replay $dir/cex/fake-refuted.cex"
	says "0 proved, 1 refuted, 0 unknown; 0 from the cache"
	[ "$(cat "$dir/cex/fake-refuted.cex")" = "counterexample of fake/refuted
obligation fake/refuted" ] || wrong "the file, time $again"
done

it "counts the unknown as a failure"
prove fake/unknown
exits 1
says "unknown: fake/unknown: the solver gave up"

it "takes a worker that dies, leaves or says nothing for unknown"
prove fake/crash fake/leave fake/silent -j 2
exits 1
says "fake/crash: the prover died: Segmentation fault"
says "fake/leave: the prover died: no report"
says "fake/silent: no verdict"
says "0 proved, 0 refuted, 3 unknown"

it "shows a matrix of groups and targets"
prove fake
exits 1
grep -qE '^ +fake +fakec$' "$dir/out" || wrong "no head"
grep -qE '^good +2/2 +1/1$' "$dir/out" || wrong "good"
grep -qE '^bad +0/2' "$dir/out" || wrong "bad"

it "writes JSON, to a file and alone to standard output"
prove fake --json "$dir/json"
exits 1
prove fake --json -
cat >"$dir/check.py" <<'END'
import json, sys
for name in sys.argv[1:]:
    result = json.load(open(name))
    assert (result["proved"], result["refuted"], result["unknown"]) == (3, 1, 4), result
    assert result["seconds"] >= 0
    record = {o["name"]: o for o in result["obligations"]}
    assert len(record) == 8
    assert record["fake/refuted"]["reason"] == 'a "register" differs'
    assert record["fake/refuted"]["verdict"] == "refuted"
    assert record["fake/proved"]["paths"] == 2 and record["fake/proved"]["queries"] == 5
END
python3 "$dir/check.py" "$dir/json" "$dir/out" 2>"$dir/why" || wrong "$(cat "$dir/why")"
run "$PROVER" prove fake/proved --emitters "$ELF" --no-cache --json "$dir/none/json"
exits 3

it "starts what took longest first"
rm -rf "$dir/cache"
prove fake
grep -q '^1\.[0-9]* fake/slow$' "$dir/cache/times" || wrong "not noted: $(cat "$dir/cache/times")"
prove fake/proved
grep -q '^1\.[0-9]* fake/slow$' "$dir/cache/times" || wrong "forgotten"
prove fake --time
grep -q '^ *1\.[0-9]* s  fake/slow' "$dir/out" || wrong "no time: $(cat "$dir/out")"

FAKE_TRACE=1 run "$PROVER" prove fake -j 1 --emitters "$dir/other.elf" --cache "$dir/cache" --output "$dir/cex"
[ "$(grep -m 1 begin "$dir/err")" = "begin fake/slow" ] || wrong "first: $(cat "$dir/err")"

it "explains one obligation"
prove --explain fake/refuted
exits 1
says "step by step: fake/refuted"
says 'refuted: a "register" differs'

it "writes what it is told of BPF as Coq"
prove --export-coq
says "Definition "

it "runs as many at once as it was told to"
begin=$(date +%s%N)
run "$PROVER" prove fake/slow fake/crash --emitters "$ELF" --no-cache -j 2
[ $((($(date +%s%N) - begin) / 1000000)) -lt 1900 ] || wrong "took too long"

it "takes at most 2 s for 2000 obligations that were proved"
prove many
exits 0
begin=$(date +%s%N)
prove many
exits 0
says "2000 proved, 0 refuted, 0 unknown; 2000 from the cache"
[ $((($(date +%s%N) - begin) / 1000000)) -lt 2000 ] || wrong "took too long"

it "leaves neither workers nor files behind when it is ended"
for signal in TERM KILL; do
	"$PROVER" prove hang --emitters "$ELF" --cache "$dir/cache3" --output "$dir" >"$dir/out" 2>"$dir/err" &
	command=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		worker=$(cat /proc/$command/task/$command/children 2>/dev/null)
		[ -z "$worker" ] || break
		sleep 0.2
	done
	[ -n "$worker" ] || wrong "no worker"
	sleep 0.2
	kill -$signal $command
	wait $command 2>/dev/null
	sleep 0.2
	for pid in $worker; do
		! kill -0 "$pid" 2>/dev/null || grep -q 'State:.*Z' "/proc/$pid/status" || wrong "a worker lives on"
	done
	[ -z "$(ls "$dir/cache3")" ] || wrong "files: $(ls "$dir/cache3")"
done
tally
