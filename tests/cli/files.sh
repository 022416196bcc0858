# SPDX-License-Identifier: MIT
# What is written: whole or not at all, and errors are seen.

echo 'r0 = 1; exit' >"$dir/one.s"

it "a full disk is seen on standard output"
timeout 60 "$VOUCH" run "$dir/one.s" >/dev/full 2>"$dir/err"
code=$?
exits 3
says "No space left on device"

it "a full disk is seen by --help"
timeout 60 "$VOUCH" run --help >/dev/full 2>"$dir/err"
code=$?
exits 3
says "No space left on device"

it "a full disk is seen with output larger than any buffer"
yes 'r0 = 1' | head -5000 >"$dir/long.s"
echo exit >>"$dir/long.s"
timeout 60 "$VOUCH" disasm "$dir/long.s" >/dev/full 2>"$dir/err"
code=$?
exits 3
says "No space left on device"

for command in "asm one.s -o" "disasm one.s -o" "pack one.s -o" "jit one.s -o" "run one.s --mem 00 --mem-out"; do
	set -- $command
	name=$1
	it "vouch $name sees a full disk"
	(cd "$dir" && run "$VOUCH" "$@" /dev/full && exits 3 && says "cannot write /dev/full: No space left on device" &&
		[ -z "$broken" ]) || wrong "exit code or message: $(cat "$dir/err")"
	[ -c /dev/full ] || wrong "/dev/full is no device any more"

	it "vouch $name leaves nothing behind when a file can't be finished"
	rm -rf "$dir/limit" && mkdir "$dir/limit" && echo old >"$dir/limit/x"
	(cd "$dir" && ulimit -f 0 && timeout 60 "$VOUCH" "$@" limit/x >/dev/null 2>/dev/null)
	code=$?
	[ "$code" = 3 ] || wrong "exit code $code instead of 3"
	[ "$(ls "$dir/limit")" = x ] || wrong "left behind: $(ls "$dir/limit")"
	[ "$(cat "$dir/limit/x")" = old ] || wrong "the old file has changed"

	it "vouch $name says that the folder is missing"
	(cd "$dir" && timeout 60 "$VOUCH" "$@" missing/x >/dev/null 2>"$dir/err")
	code=$?
	exits 3
	says "cannot write missing/x: No such file or directory"
done

it "an output file replaces the old one and keeps its access rights"
echo old >"$dir/x"
chmod 640 "$dir/x"
run "$VOUCH" asm "$dir/one.s" -o "$dir/x"
exits 0
[ "$(stat -c '%a %s' "$dir/x")" = "640 16" ] || wrong "$(stat -c '%a %s' "$dir/x")"

it "a new output file has the rights that the umask leaves"
rm -f "$dir/x"
(umask 027 && run "$VOUCH" asm "$dir/one.s" -o "$dir/x")
[ "$(stat -c %a "$dir/x")" = 640 ] || wrong "$(stat -c %a "$dir/x")"

it "an output file that is a symbolic link stays one"
rm -f "$dir/x"
: >"$dir/y"
ln -s y "$dir/x"
run "$VOUCH" asm "$dir/one.s" -o "$dir/x"
exits 0
[ -L "$dir/x" ] && [ "$(stat -Lc %s "$dir/x")" = 16 ] || wrong "$(ls -l "$dir")"

it "an output file may be a pipe"
mkfifo "$dir/pipe"
cat "$dir/pipe" >"$dir/copy" &
run "$VOUCH" asm "$dir/one.s" -o "$dir/pipe"
wait $!
exits 0
[ "$(stat -c %s "$dir/copy")" = 16 ] || wrong "$(ls -l "$dir/copy")"

it "'-' is standard output"
run "$VOUCH" asm "$dir/one.s" --hex -o -
exits 0
prints "b700000001000000
9500000000000000"
