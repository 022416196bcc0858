# SPDX-License-Identifier: MIT
# The code in a counterexample of a bug becomes that without the bug, which has the same size: right.py ELF CEX
# Exits with 1 unless they differ, in a few bytes.
import struct
import sys

elf = open(sys.argv[1], "rb").read()
if elf[4] == 2:  # of 64 bits
    table, size, count = struct.unpack_from("<Q", elf, 32)[0], *struct.unpack_from("<HH", elf, 54)
else:
    table, size, count = struct.unpack_from("<I", elf, 28)[0], *struct.unpack_from("<HH", elf, 42)
memory = {}
for i in range(count):
    if elf[4] == 2:
        kind, _, offset, address, _, n = struct.unpack_from("<IIQQQQ", elf, table + i * size)
    else:
        kind, offset, address, _, n = struct.unpack_from("<IIIII", elf, table + i * size)
    if kind == 1:
        memory.update(zip(range(address, address + n), elf[offset:offset + n]))
changed = 0
for line in open(sys.argv[2]):
    if line.startswith("code "):
        address, was = int(line.split()[1], 16), bytes.fromhex(line.split()[2])
        code = bytes(memory.get(address + i, 0) for i in range(len(was)))
        changed += sum(a != b for a, b in zip(code, was))
        line = "code %x %s\n" % (address, code.hex())
    sys.stdout.write(line)
sys.exit(not 0 < changed < 64)
