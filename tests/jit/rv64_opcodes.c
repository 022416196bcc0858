/* SPDX-License-Identifier: MIT */
/*
 * Interpreter against compiled code on the machine that this runs on, one instruction at a time:
 * every row of opcodes.def with every register, corner values in registers and immediates, and
 * addresses around every boundary of every region. Built for a target, linked statically and run in
 * qemu-user, so it has no test library under it: it prints what differs and returns 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "jit/jit.h"
#include "support/random.h"

enum { MAX_INSNS = 70000, CODE_BYTES = 8 << 20, BLOCK = 64 };

static const char *const op_names[] = {
#define INSN(id, name, ...) name,
#define ALSO(id, name, ...) name,
#include "isa/opcodes.def"
};

/* Memory */

/* Regions with room around them, in one block that is compared as a whole. */
struct memory {
	_Alignas(16) uint8_t before[BLOCK];
	uint8_t context[BLOCK];
	uint8_t gap[BLOCK];
	uint8_t writable[BLOCK];
	uint8_t adjacent[BLOCK]; /* adjacent to `writable`; not to be joined with it */
	uint8_t readable[BLOCK];
	uint8_t after[BLOCK];
};

/* One engine's run, and all that may be seen of it. */
struct run {
	struct vouch_vm vm;
	enum vouch_status status;
	uint64_t r0;
	struct memory memory;
	uint8_t stack[VOUCH_FRAME_SIZE * VOUCH_FRAMES_MAX];
};

static struct memory *memory;
static _Alignas(8) uint8_t stack[VOUCH_STACK_SIZE(VOUCH_FRAMES_MAX)];
static struct vouch_insn insns[MAX_INSNS];
static uint32_t count;
static uint8_t *code_buffer;
static uint32_t *scratch;
static bool permissive;   /* may the program write its context? */
static bool few_features; /* all or none of them, nothing in between */
static bool near_only;    /* not with the longest form of every jump, too */
static size_t frames = VOUCH_FRAMES_MAX;

/* Helpers, deterministic. */

static uint64_t help_mix(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	(void)vm;
	return a1 + 3 * a2 + 5 * a3 + 7 * a4 + 11 * a5;
}

static uint64_t help_end(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	(void)a2, (void)a3, (void)a4, (void)a5;
	vouch_end(vm);
	return a1;
}

static uint64_t help_fail(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	(void)a2, (void)a3, (void)a4, (void)a5;
	vouch_fail(vm);
	return ~a1;
}

/* Half of the context it was. */
static uint64_t help_narrow(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	struct vouch_region half = {
		(uintptr_t)memory->context + BLOCK / 2, BLOCK / 2, VOUCH_READ | VOUCH_WRITE};

	(void)a1, (void)a2, (void)a3, (void)a4, (void)a5;
	return vouch_set_context(vm, half);
}

static uint64_t help_stop(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	(void)a2, (void)a3, (void)a4, (void)a5;
	vm->fuel = 0;
	return a1;
}

enum { HELP_MIX, HELP_END, HELP_NONE, HELP_FAIL, HELP_NARROW, HELP_STOP };
static const vouch_helper helpers[] = {help_mix, help_end, NULL, help_fail, help_narrow, help_stop};

/* Running */

#ifdef __aarch64__
/*
 * What the C caller may rely on: sp, x19 to x29. guarded_entry() calls guarded_code with a number
 * of its own in each of them, and counts in guarded_losses those that come back changed.
 */
uint32_t guarded_entry(struct vouch_vm *vm);
const void *guarded_code;
uint64_t guarded_losses;

/* clang-format off */
#define EACH(op) \
	op(19) op(20) op(21) op(22) op(23) op(24) op(25) op(26) op(27) op(28) op(29)
#define SET(n)  "mov x" #n ", #" #n "\n"
#define TEST(n) "cmp x" #n ", #" #n "\n cinc x9, x9, ne\n"

__asm__(".text\n"
	".global guarded_entry\n"
	"guarded_entry:\n"
	"stp x29, x30, [sp, #-112]!\n"
	"stp x19, x20, [sp, #16]\n"
	"stp x21, x22, [sp, #32]\n"
	"stp x23, x24, [sp, #48]\n"
	"stp x25, x26, [sp, #64]\n"
	"stp x27, x28, [sp, #80]\n"
	"mov x9, sp\n"
	"adrp x10, guarded_sp\n"
	"str x9, [x10, :lo12:guarded_sp]\n"
	"adrp x10, guarded_code\n"
	"ldr x10, [x10, :lo12:guarded_code]\n"
	EACH(SET)
	"blr x10\n"
	"mov x9, #0\n"
	EACH(TEST)
	"adrp x10, guarded_sp\n"
	"ldr x10, [x10, :lo12:guarded_sp]\n"
	"cmp sp, x10\n"
	"cinc x9, x9, ne\n"
	"mov sp, x10\n"
	"adrp x10, guarded_losses\n"
	"str x9, [x10, :lo12:guarded_losses]\n"
	"ldp x19, x20, [sp, #16]\n"
	"ldp x21, x22, [sp, #32]\n"
	"ldp x23, x24, [sp, #48]\n"
	"ldp x25, x26, [sp, #64]\n"
	"ldp x27, x28, [sp, #80]\n"
	"ldp x29, x30, [sp], #112\n"
	"ret\n"
	".local guarded_sp\n"
	".comm guarded_sp, 8, 8\n");
/* clang-format on */

/* vouch_run_compiled() takes code by its address. */
static enum vouch_status run_compiled(struct vouch_vm *vm, const void *code, uint64_t *r0)
{
	uint32_t (*entry)(struct vouch_vm *) = guarded_entry;
	const void *address;
	enum vouch_status status;

	memcpy(&address, &entry, sizeof(address));
	guarded_code = code;
	status = vouch_run_compiled(vm, address, r0);
	if (guarded_losses != 0) {
		printf("%u of C's registers are lost\n", (unsigned)guarded_losses);
		exit(1);
	}
	return status;
}
#else
#define run_compiled vouch_run_compiled
#endif

static void fill_memory(uint64_t seed)
{
	uint8_t *bytes = (uint8_t *)memory;

	for (size_t i = 0; i < sizeof(*memory); i++)
		bytes[i] = (uint8_t)((seed + i) * 0x9e3779b97f4a7c15 >> 40);
	for (size_t i = 0; i < sizeof(stack); i++)
		stack[i] = (uint8_t)((seed ^ i) * 0x9e3779b97f4a7c15 >> 48);
}

static void run(struct run *run, const void *code, size_t fuel, uint64_t seed)
{
	const struct vouch_region regions[] = {
		{(uintptr_t)memory->writable, BLOCK, VOUCH_READ | VOUCH_WRITE},
		{(uintptr_t)memory->adjacent, BLOCK, VOUCH_READ | VOUCH_WRITE},
		{(uintptr_t)memory->gap, 0, VOUCH_READ},
		{(uintptr_t)memory->readable, BLOCK, VOUCH_READ}};
	struct vouch_config config = {.program = {insns, count, 0},
		.helpers = helpers,
		.nhelpers = sizeof(helpers) / sizeof(helpers[0]),
		.context = {(uintptr_t)memory->context, BLOCK,
			permissive ? VOUCH_READ | VOUCH_WRITE : VOUCH_READ},
		.stack = stack,
		.stack_size = VOUCH_STACK_SIZE(frames),
		.regions = regions,
		.nregions = sizeof(regions) / sizeof(regions[0]),
		.data = {(uintptr_t)memory->readable, (uintptr_t)memory->writable},
		.fuel = fuel};

	fill_memory(seed);
	run->r0 = 0x1234;
	run->status = vouch_init(&run->vm, &config);
	if (run->status != VOUCH_OK) {
		printf("refused: %s at %u\n", vouch_status_name(run->status), run->vm.fault.pc);
		exit(1);
	}
	run->status = code ? run_compiled(&run->vm, code, &run->r0) : vouch_run(&run->vm, &run->r0);
	run->memory = *memory;
	memcpy(run->stack, stack, sizeof(run->stack));
}

static bool same_fault(const struct vouch_fault *a, const struct vouch_fault *b)
{
	return a->status == b->status && a->pc == b->pc && a->address == b->address &&
	       a->size == b->size && a->write == b->write;
}

static bool same_run(const struct run *a, const struct run *b)
{
	return a->status == b->status && a->r0 == b->r0 && a->vm.fuel == b->vm.fuel &&
	       a->vm.used == b->vm.used && same_fault(&a->vm.fault, &b->vm.fault) &&
	       memcmp(a->vm.r, b->vm.r, sizeof(a->vm.r)) == 0 &&
	       memcmp(&a->memory, &b->memory, sizeof(a->memory)) == 0 &&
	       memcmp(a->stack, b->stack, sizeof(a->stack)) == 0;
}

static void print_run(const char *engine, const struct run *run)
{
	const struct vouch_fault *fault = &run->vm.fault;

	printf("  %-11s %s, fuel left %zu, used %zu, fault at %u: address %#llx size %u write %u\n",
		engine, vouch_status_name(run->status), run->vm.fuel, run->vm.used, fault->pc,
		(unsigned long long)fault->address, fault->size, fault->write);
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
		printf("    r%u = %#llx\n", i, (unsigned long long)run->vm.r[i]);
}

static void print_program(void)
{
	for (uint32_t pc = 0; pc < count && count < 100; pc++) {
		enum vouch_op op = vouch_decode(&insns[pc]);

		printf("  %3u: %-18s dst %u src %u off %d imm %d\n", pc,
			op < OP_COUNT ? op_names[op] : "", vouch_dst(&insns[pc]),
			vouch_src(&insns[pc]), insns[pc].off, (int)insns[pc].imm);
	}
}

/* No part of an instruction is longer than the target says. */
static void check_lengths(
	const char *what, const struct jit *jit, const struct vouch_target *target)
{
	bool good = jit->offset[0] <= target->max_frame;

	for (uint32_t pc = 0; pc < count; pc++) {
		good &= jit->offset[pc + 1] - jit->offset[pc] <= target->max_insn;
		good &= jit->cold[pc + 1] - jit->cold[pc] <= target->max_insn;
	}
	if (!good) {
		printf("%s: longer than the bounds\n", what);
		exit(1);
	}
}

static void far_pass(struct jit *jit, const struct vouch_target *target)
{
	jit->pos = 0;
	target->prologue(jit);
	target->epilogue(jit);
	for (uint32_t pc = 0; pc < count; pc++) {
		jit->offset[pc] = jit->pos;
		if (insns[pc].opcode != 0)
			target->insn(jit, pc);
	}
	jit->offset[count] = jit->pos;
	for (uint32_t pc = 0; pc < count; pc++) {
		jit->cold[pc] = jit->pos;
		if (insns[pc].opcode != 0)
			target->cold(jit, pc);
	}
	jit->cold[count] = jit->pos;
}

/* What the driver does when measured offsets don't hold: the longest form of every jump. */
static enum vouch_status compile_far(
	const char *what, uint32_t features, const struct vouch_program *program)
{
	const struct vouch_target *target = vouch_target_host();
	struct jit jit = {.program = program,
		.features = features,
		.offset = scratch,
		.cold = scratch + count + 1,
		.far = true};

	memset(scratch, 0, 2 * sizeof(*scratch) * (count + 1));
	far_pass(&jit, target);
	jit.out = code_buffer;
	jit.size = CODE_BYTES;
	far_pass(&jit, target);
	check_lengths(what, &jit, target);
	return (enum vouch_status)jit.status;
}

static enum vouch_status compile(const char *what, uint32_t features, bool far)
{
	const struct vouch_program program = {insns, count, 0};
	struct vouch_code code;

	if (far)
		return compile_far(what, features, &program);
	return vouch_compile(
		vouch_target_host(), features, &program, code_buffer, CODE_BYTES, scratch, &code);
}

/* Compile with every set of features (which are the lowest bits), each also with long jumps only;
 * all must do what the interpreter does. */
static void check(const char *what, size_t fuel)
{
	static struct run interpreted, compiled;
	uint64_t seed = draw_64();

	run(&interpreted, NULL, fuel, seed);
	for (uint32_t variant = 0; variant < 2 * (vouch_features_host() + 1); variant++) {
		uint32_t features = variant >> 1;
		bool far = variant & 1;
		enum vouch_status status;

		if ((far && near_only) ||
			(few_features && features != 0 && features != vouch_features_host()))
			continue;
		status = compile(what, features, far);
		if (status != VOUCH_OK) {
			printf("%s: compile: %s\n", what, vouch_status_name(status));
			exit(1);
		}
		__builtin___clear_cache(
			(char *)code_buffer, (char *)code_buffer + scratch[2 * count + 1]);
		run(&compiled, code_buffer, fuel, seed);
		if (same_run(&interpreted, &compiled))
			continue;
		printf("%s: not the same, features %u%s\n", what, (unsigned)features,
			far ? ", far" : "");
		print_program();
		print_run("interpreter", &interpreted);
		print_run("compiled", &compiled);
		exit(1);
	}
}

/* Building programs */

static void begin(void)
{
	count = 0;
}

static void put(unsigned opcode, unsigned dst, unsigned src, int off, int32_t imm)
{
	insns[count++] = (struct vouch_insn){.opcode = (uint8_t)opcode,
		.regs = VOUCH_REGS(dst, src),
		.off = (int16_t)off,
		.imm = imm};
}

static void put_lddw(unsigned dst, uint64_t value)
{
	put(0x18, dst, 0, 0, (int32_t)(uint32_t)value);
	put(0, 0, 0, 0, (int32_t)(value >> 32));
}

static void put_exit(void)
{
	put(0x95, 0, 0, 0, 0);
}

/* A distance: most near its corners, some far from everything. */
static uint64_t corner64(void)
{
	static const uint64_t corners[] = {0, 1, 2, 3, 7, 8, 15, 31, 32, 63, 64, 0x7f, 0x80, 0xff,
		0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
		0x7fffffffffffffff, 0x8000000000000000};
	uint64_t value = corners[draw_below(sizeof(corners) / sizeof(corners[0]))];

	switch (draw_below(6)) {
	case 0:
		return draw_64();
	case 1:
		return 0 - value;
	case 2:
		return value + draw_below(3) - 1;
	case 3:
		return draw_64() >> draw_below(64);
	default:
		return value;
	}
}

static int32_t corner32(void)
{
	static const int32_t corners[] = {0, 1, 31, 32, 33, 63, 64, 127, 128, 2047, 2048, 2049,
		4095, 4096, 0x1f000, 0x1f800, 0x20000, 0x7fffe800, 0x7ffff7ff, 0x7ffff800,
		INT32_MAX, INT32_MIN, -1, -32, -33, -2047, -2048, -2049, -0x20000, -0x20800,
		-0x20801};

	return draw_below(3) == 0 ? (int32_t)corner64()
	                          : corners[draw_below(sizeof(corners) / sizeof(corners[0]))];
}

static void put_random_registers(void)
{
	for (unsigned reg = 0; reg < 10; reg++)
		put_lddw(reg, corner64());
}

/* Close to a boundary of something, or anywhere. */
static uint64_t any_address(void)
{
	const uint8_t *const boundaries[] = {memory->context, memory->gap, memory->writable,
		memory->adjacent, memory->readable, memory->after, stack, stack + VOUCH_FRAME_SIZE,
		stack + VOUCH_FRAME_SIZE * VOUCH_FRAMES_MAX, (const uint8_t *)0,
		memory->context + BLOCK / 2, memory->writable + BLOCK / 2,
		memory->readable + BLOCK / 2, memory->context + BLOCK / 2};
	uint64_t boundary =
		(uintptr_t)boundaries[draw_below(sizeof(boundaries) / sizeof(boundaries[0]))];

	switch (draw_below(30)) {
	case 0:
		return draw_64();
	case 1: /* the same lower half, for machines of 32 bits */
		return boundary + draw_below(25) - 12 + ((uint64_t)1 << 32);
	case 2:
		return boundary + draw_below(25) - 12 - ((uint64_t)1 << 32);
	default:
		return boundary + draw_below(25) - 12;
	}
}

/* Let a compare-and-exchange find what it expects, whatever the upper half of r0 is. */
static void put_expected(unsigned size_bits, unsigned base, int16_t off)
{
	unsigned other = base == 9 ? 8 : 9;

	if (base == 0 || draw_below(2))
		return;
	put(0x61 | size_bits, 0, base, off, 0);
	put_lddw(other, corner64() << 32);
	if (size_bits == 0)
		put(0x0f, 0, other, 0, 0);
}

/* A memory instruction whose base gets the address, with an offset of any size. */
static void put_access(enum vouch_op op, unsigned dst, unsigned src)
{
	const struct vouch_op_info *info = &vouch_ops[op];
	unsigned base = (info->opcode & 7) == CLASS_LDX ? src : dst;
	int16_t off = (int16_t)corner32();

	if (base != 10)
		put_lddw(base, any_address() - (uint64_t)(int64_t)off);
	else
		off = (int16_t)((int)draw_below(24) - (draw_below(2) ? 12 : 524));
	if (info->select == SELECT_IMM && info->value == 0xf1)
		put_expected(info->opcode & 0x18, base, off);
	put(info->opcode, dst, src, off,
		info->select == SELECT_IMM ? info->value
		: info->imm == IMM_VALUE   ? corner32()
					   : 0);
}

static void put_value(unsigned reg, uint64_t value)
{
	if (reg != 10)
		put_lddw(reg, value);
}

/* What a comparison compares: mostly the same or next to it, as a whole or in the lower half. Zero
 * and single bits are immediates that targets have instructions for. */
static int32_t put_compared(const struct vouch_op_info *info, unsigned dst, unsigned src)
{
	int32_t imm = draw_below(3) == 0   ? 0
	              : draw_below(2) == 0 ? (int32_t)(1u << (draw_below(4) ? draw_below(32) : 31))
	                                   : corner32();
	bool by_register = info->src == REG_R;
	uint64_t value = by_register ? corner64() : (uint64_t)(int64_t)imm;

	if (draw_below(4) == 0)
		return imm;
	if (by_register)
		put_value(src, value);
	if (!by_register || dst != src)
		put_value(dst, (value + draw_below(3) - 1) ^ (draw_below(2) ? draw_64() << 32 : 0));
	return imm;
}

/* A jump over an instruction that would be seen, forwards or backwards. */
static void put_jump(enum vouch_op op, unsigned dst, unsigned src)
{
	const struct vouch_op_info *info = &vouch_ops[op];
	int delta = draw_below(2) ? 1 : -2;
	bool by_imm = info->imm == IMM_JUMP;
	int32_t imm = info->dst == REG_R ? put_compared(info, dst, src) : 0;

	put(0x07, 0, 0, 0, 3);
	put(info->opcode, dst, src, by_imm ? 0 : delta,
		by_imm                   ? delta
		: info->imm == IMM_VALUE ? imm
					 : 0);
	put(0x07, 9, 0, 0, 7);
}

static void put_call_helper(void)
{
	static const int32_t existing[] = {HELP_MIX, HELP_END, HELP_FAIL, HELP_NARROW, HELP_STOP};

	put(0x85, 0, 0, 0, existing[draw_below(5)]);
	put(0x71, 8, 7, 0, 0);
}

static void put_callx(unsigned reg)
{
	put_lddw(
		reg, draw_below(4) ? draw_below(8) + ((uint64_t)!draw_below(4) << 32) : corner64());
	put(0x8d, reg, 0, 0, 0);
}

/* A function that changes what it may, called once or until the frames are used up. */
static void put_call_local(void)
{
	if (draw_below(2)) {
		put(0x85, 0, 1, 0, 1);
		put_exit();
		put(0x7b, 10, 7, -8, 0);
		put(0x07, 6, 0, 0, 1);
		put(0x0f, 0, 9, 0, 0);
	} else {
		put(0x07, 8, 0, 0, 1);
		put(0x7b, 10, 8, -512, 0);
		put(0x85, 0, 1, 0, -3);
	}
	put(0x0f, 0, 6, 0, 0);
	put(0x07, 9, 0, 0, 5);
}

static unsigned any_register(bool writes)
{
	return draw_below(writes ? 10 : 11);
}

static void put_op(enum vouch_op op)
{
	const struct vouch_op_info *info = &vouch_ops[op];
	unsigned dst = info->dst == REG_NONE ? 0 : any_register(info->dst != REG_R);
	unsigned src = info->src == REG_NONE ? 0 : any_register(info->src != REG_R);
	int off = info->select == SELECT_OFF ? info->value : 0;

	if (info->off == OFF_MEM) {
		put_access(op, dst, src);
	} else if (op == OP_call) {
		put_lddw(7, any_address());
		put_call_helper();
	} else if (op == OP_call_local) {
		put_call_local();
	} else if (op == OP_callx) {
		put_callx(draw_below(10));
	} else if (info->off == OFF_JUMP || info->imm == IMM_JUMP) {
		put_jump(op, dst, src);
	} else if (info->imm == IMM_WIDE) {
		put_lddw(dst, corner64());
	} else if (info->imm == IMM_OBJECT) {
		put(info->opcode, dst, info->value, 0, (int32_t)draw_below(VOUCH_DATA_MAX));
		put(0, 0, 0, 0, corner32());
	} else {
		put(info->opcode, dst, src, off,
			info->select == SELECT_IMM ? info->value
			: info->imm == IMM_VALUE   ? corner32()
						   : 0);
	}
}

static void check_every_opcode(unsigned draws)
{
	for (unsigned op = 0; op < OP_COUNT; op++) {
		draw_state = 0x9e3779b97f4a7c15 + op;
		for (unsigned i = 0; i < draws; i++) {
			begin();
			put_random_registers();
			put_op((enum vouch_op)op);
			put_exit();
			permissive = draw_below(4) != 0;
			check(op_names[op], draw_below(12));
		}
	}
	printf("%u instructions, %u programs each: the same\n", OP_COUNT, draws);
}

/* Every access by r10 near the ends of a frame: where the region test is left out, and next to it.
 */
static void check_frame_edges(void)
{
	frames = 1;
	for (unsigned op = 0; op < OP_COUNT; op++) {
		const struct vouch_op_info *info = &vouch_ops[op];
		bool load = (info->opcode & 7) == CLASS_LDX;

		for (int i = -16; i < 48 && info->off == OFF_MEM; i++) {
			begin();
			put_random_registers();
			put(info->opcode, load ? 3 : 10,
				load                    ? 10
				: info->src == REG_NONE ? 0
							: 4,
				i < 16 ? i : i - 544, info->select == SELECT_IMM ? info->value : 0);
			put_exit();
			check(op_names[op], 1);
		}
	}
	frames = VOUCH_FRAMES_MAX;
	puts("accesses at the ends of a frame: the same");
}

/*
 * On machines of 32 bits the memory is near 0 or, for all tests but one, near 4 GiB, so that lower
 * halves of addresses wrap around to it. A Cortex-M has its peripherals there, and memory only near
 * 0.
 */
#ifdef __thumb__
enum { MEMORY_AT_END = 0 };
#else
enum { MEMORY_AT_END = 1 };
#endif

static void place_memory(bool near_0)
{
	enum { PAGE = 4096 };
	uintptr_t hint = UINTPTR_MAX > UINT32_MAX   ? 0
	                 : near_0 || !MEMORY_AT_END ? PAGE
	                                            : UINTPTR_MAX - 2 * PAGE + 1;
	uint8_t *page = mmap(
		(void *)hint, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED || (hint && (uintptr_t)page != hint)) {
		puts("no memory at either end of the address space");
		exit(1);
	}
	memory = (struct memory *)(page + PAGE - sizeof(struct memory));
}

/* Accesses whose lower half of the address is in the context, and whose upper half is not 0: the
 * base's is, and the offset makes the difference. */
static void check_wraps(bool near_0)
{
	uint64_t wrap = near_0 ? (uint64_t)1 << 32 : 0 - ((uint64_t)1 << 32);

	place_memory(near_0);
	for (unsigned op = 0; op < OP_COUNT; op++) {
		const struct vouch_op_info *info = &vouch_ops[op];
		bool load = (info->opcode & 7) == CLASS_LDX;

		for (int i = -8; i < 16 && info->off == OFF_MEM; i++) {
			int off = near_0 ? 32760 + i % 8 : -32760 + i;
			uint64_t address = (uintptr_t)memory->context + (uint64_t)i + wrap;

			begin();
			put_random_registers();
			put_lddw(3, address - (uint64_t)off);
			put(info->opcode, load ? 4 : 3,
				load                    ? 3
				: info->src == REG_NONE ? 0
							: 4,
				off, info->select == SELECT_IMM ? info->value : 0);
			put_exit();
			check(op_names[op], 1);
		}
	}
}

/* Jumps over `slots` instructions, on either side of every limit of every form. */

enum filler {
	SHORTEST, /* of an instruction each */
	LONGEST,  /* of one machine that has byte swaps of 64 bits to make of others */
	FOUR      /* of four, where constants take two and a remainder two */
};

/* Conditional jumps reach 32767 instructions, ja32 any. A sign may be a shorter-ranged test. */
enum far_jump { JUMP_NOT_ZERO, JUMP_JA32, JUMP_NOT_NEGATIVE };

struct distance {
	uint32_t slots; /* of filler, and of the shortest filler behind it */
	enum filler filler;
	enum far_jump jump;
	uint32_t more;
};

static void put_filler(struct distance d)
{
	for (uint32_t i = 0; i < d.slots + d.more; i++)
		if (d.filler == SHORTEST || i >= d.slots)
			put(0x0f, 1 + i % 5, 6 + i % 3, 0, 0);
		else if (d.filler == LONGEST)
			put(0xd7, 1 + i % 5, 0, 0, 64);
		else
			put(0x97, 1 + i % 5, 0, 0, 0x12345678);
}

/* if (r6 != 0) goto pc + 1 + delta; r6 is 1 */
static void put_far_jump(struct distance d, int32_t delta)
{
	if (d.jump == JUMP_JA32)
		put(0x06, 0, 0, 0, delta);
	else
		put(d.jump == JUMP_NOT_ZERO ? 0x55 : 0x75, 6, 0, delta, 0);
}

/* What put_distance() puts behind the jump back. */
enum { AFTER_LOOP = 5 };

/* Forwards over all the filler, backwards through it; a call of what is behind it, and an access on
 * either side. */
static void put_distance(struct distance d, bool faults)
{
	uint32_t call, loop;

	begin();
	put(0xb7, 6, 0, 0, 1);
	put(0xb7, 9, 0, 0, 2);
	put(0xbf, 7, 10, 0, 0);
	put(0x73, 7, 9, -1, 0);
	put(0x71, 8, 7, -1, 0);
	call = count;
	put(0x85, 0, 1, 0, 0);
	put_far_jump(d, (int32_t)(d.slots + d.more));
	loop = count;
	put_filler(d);
	put(0x07, 9, 0, 0, -1);
	put(0x15, 9, 0, 1, 0);
	put_far_jump(d, (int32_t)(loop - count - 1));
	put_exit();
	insns[call].imm = (int32_t)(count - call - 1);
	put(0x7b, 10, 6, -8, 0);
	put(0x79, 5, 7, -8, 0);
	put(0x79, 4, faults ? 6 : 10, -8, 0);
	put_exit();
}

static void check_distance(struct distance d)
{
	put_distance(d, false);
	check("distance", 10);
	check("distance, less fuel", 1);
	put_distance(d, true);
	check("distance, fault", 10);
}

static void check_distances_rv(void)
{
	/* About 256 bytes, 2 and 4 KiB of instructions of 2 to 4 bytes, then 1 MiB. */
	static const uint32_t limits[] = {64, 128, 512, 1024, 2048};

	for (unsigned i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		for (uint32_t slots = limits[i] - 40; slots < limits[i] + 8; slots++)
			check_distance((struct distance){slots, SHORTEST, slots & 1, 0});
	for (uint32_t slots = (1 << 20) / 84 - 10; slots < (1 << 20) / 84 + 4; slots++)
		check_distance((struct distance){slots, LONGEST, slots & 1, 0});
	for (uint32_t slots = (1 << 20) / 70 - 10; slots < (1 << 20) / 70 + 4; slots++)
		check_distance((struct distance){slots, LONGEST, slots & 1, 0});
}

/* Tests of a bit reach 32 KiB, and code of more than 1 MiB has long jumps only. All instructions
 * have 4 bytes. */
static void check_distances_arm64(void)
{
	enum { NEAR = (1 << 15) / 4, FAR = (1 << 20) / 4, SOME = 100 };
	struct distance d = {FAR / 4 - 100, FOUR, JUMP_JA32, SOME};
	uint32_t words, length[4];

	for (uint32_t slots = NEAR - 5; slots < NEAR + 1; slots++)
		check_distance((struct distance){slots, SHORTEST, JUMP_NOT_NEGATIVE, 0});

	/* The filler grows a word at a time, and the jump back takes its longer form meanwhile. */
	near_only = true;
	put_distance(d, false);
	if (compile("distance", 0, false) != VOUCH_OK)
		exit(1);
	words = scratch[2 * count + 1] / 4;
	for (uint32_t i = 0; i < 4; i++) {
		uint32_t jump;

		d.more = SOME + FAR - 1 + i - words;
		put_distance(d, false);
		check("distance", 10);
		jump = count - AFTER_LOOP - 1;
		length[i] = scratch[jump + 1] - scratch[jump];
	}
	near_only = false;
	if (length[0] == length[3]) {
		puts("distances are not at the border");
		exit(1);
	}
}

static void check_distances(void)
{
	if (strcmp(vouch_target_name(vouch_target_host()), "arm64") == 0)
		check_distances_arm64();
	else
		check_distances_rv();
	puts("jumps, calls and out-of-line parts near and far: the same");
}

int main(int argc, char **argv)
{
	unsigned draws = argc > 1 ? (unsigned)atoi(argv[1]) : 200;

	code_buffer = mmap(NULL, CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	scratch = malloc(VOUCH_JIT_SCRATCH(MAX_INSNS) * sizeof(*scratch));
	if (code_buffer == MAP_FAILED || !scratch || !vouch_target_host()) {
		puts("no memory, or no target for this host");
		return 1;
	}
	if (argc > 2 && (uint32_t)atoi(argv[2]) != vouch_features_host()) {
		printf("features are %u\n", (unsigned)vouch_features_host());
		return 1;
	}
	draw_state = 1;
	permissive = true;
	check_wraps(true);
	if (MEMORY_AT_END)
		check_wraps(false);
	puts("accesses that wrap around 32 bits: the same");
	few_features = true;
	check_distances();
	few_features = false;
	check_frame_edges();
	check_every_opcode(draws);
	return 0;
}
