/* SPDX-License-Identifier: MIT */
/*
 * Making a vm from a config, and what helpers may ask of it. Runs are in interpreter.c and
 * jit/run.c.
 */
#include "layout.h"
#include "vm.h"

#define W                 sizeof(void *)
#define AT(field, offset) _Static_assert(offsetof(struct vouch_vm, field) == (offset), #field)
AT(fuel, VM_FUEL(W));
AT(used, VM_USED(W));
AT(context, VM_CONTEXT(W));
AT(limit, VM_LIMIT(W, 0, 0));
AT(limit[1][3], VM_LIMIT(W, 1, 3));
AT(stack_low, VM_STACK_LOW(W));
AT(stack_top, VM_STACK_TOP(W));
AT(frame, VM_FRAME(W));
AT(regions, VM_REGIONS(W));
AT(nregions, VM_NREGIONS(W));
AT(helpers, VM_HELPERS(W));
AT(nhelpers, VM_NHELPERS(W));
AT(find, VM_FIND(W));
AT(data[1], VM_DATA(W, 1));
AT(user, VM_USER(W));
AT(context_size, VM_CONTEXT_SIZE(W));
AT(insns, VM_INSNS(W));
AT(count, VM_COUNT(W));
AT(entry, VM_ENTRY(W));
AT(fault.status, VM_FAULT_STATUS(W));
AT(fault.pc, VM_FAULT_PC(W));
AT(fault.address, VM_FAULT_ADDRESS(W));
AT(fault.size, VM_FAULT_SIZE(W));
AT(fault.write, VM_FAULT_WRITE(W));
AT(request, VM_REQUEST(W));
_Static_assert(sizeof(struct vouch_vm) == VM_SIZE(W), "size of a vm");
_Static_assert(sizeof(struct vouch_frame) == FRAME_RECORD, "size of a frame record");
_Static_assert(offsetof(struct vouch_frame, pc) == FRAME_PC, "pc in a frame record");
_Static_assert(offsetof(struct vouch_frame, code) == FRAME_CODE, "code in a frame record");
_Static_assert(sizeof(struct vouch_insn) == 8, "size of an instruction");

static size_t frames(const struct vouch_vm *vm)
{
	return (vm->stack_top - vm->stack_low) / VOUCH_FRAME_SIZE + 1;
}

static struct vouch_region stack_region(const struct vouch_vm *vm)
{
	return (struct vouch_region){vm->stack_low - VOUCH_FRAME_SIZE,
		frames(vm) * VOUCH_FRAME_SIZE, VOUCH_READ | VOUCH_WRITE};
}

static bool is_sane(const struct vouch_region *region)
{
	return region->size <= UINTPTR_MAX - region->start &&
	       (region->permissions == VOUCH_READ ||
		       region->permissions == (VOUCH_READ | VOUCH_WRITE));
}

static bool overlaps(const struct vouch_region *region, uintptr_t start, size_t size)
{
	return region->size > 0 && size > 0 && region->start < start + size &&
	       start < region->start + region->size;
}

/* Sane, and apart from all that a run relies on. */
static bool is_apart(const struct vouch_vm *vm, const struct vouch_region *region)
{
	return is_sane(region) && !overlaps(region, (uintptr_t)vm, sizeof(*vm)) &&
	       !overlaps(region, vm->stack_low - VOUCH_FRAME_SIZE, VOUCH_STACK_SIZE(frames(vm))) &&
	       !overlaps(region, (uintptr_t)vm->insns, vm->count * sizeof(*vm->insns)) &&
	       !overlaps(region, (uintptr_t)vm->regions, vm->nregions * sizeof(*vm->regions));
}

/* The index of the first region that is not usable, the context's being nregions; nregions + 1 if
 * all are. */
static size_t first_bad_region(const struct vouch_vm *vm, const struct vouch_region *context)
{
	for (size_t i = 0; i < vm->nregions; i++) {
		const struct vouch_region *region = &vm->regions[i];

		if (!is_apart(vm, region))
			return i;
		for (size_t j = 0; j < i; j++)
			if (overlaps(region, vm->regions[j].start, vm->regions[j].size))
				return i;
		if (overlaps(context, region->start, region->size))
			return vm->nregions;
	}
	return context->size == 0 || is_apart(vm, context) ? vm->nregions + 1 : vm->nregions;
}

/* The context is held as offsets at which an access of each size may start: one comparison at run
 * time. */
static void set_limits(struct vouch_vm *vm, const struct vouch_region *context)
{
	for (unsigned write = 0; write < 2; write++)
		for (unsigned lg = 0; lg < 4; lg++) {
			size_t bytes = (size_t)1 << lg;
			bool permitted = !write || (context->permissions & VOUCH_WRITE);

			vm->limit[write][lg] =
				permitted && context->size >= bytes ? context->size - bytes + 1 : 0;
		}
}

enum vouch_status vouch_set_context(struct vouch_vm *vm, struct vouch_region context)
{
	size_t bad = first_bad_region(vm, &context);

	if (bad <= vm->nregions) {
		vm_stop(vm, VOUCH_BAD_REGION, (uint32_t)bad);
		return VOUCH_BAD_REGION;
	}
	vm->context = context.start;
	vm->context_size = context.size;
	set_limits(vm, &context);
	return VOUCH_OK;
}

/* As many frames as the memory has room for, with a record for each call between them. */
static bool set_stack(struct vouch_vm *vm, const struct vouch_config *config)
{
	uintptr_t start = (uintptr_t)config->stack;
	size_t n = VOUCH_FRAMES_MAX;

	if (start == 0 || start % 8 != 0 || config->stack_size > UINTPTR_MAX - start)
		return false;
	while (n > 0 && VOUCH_STACK_SIZE(n) > config->stack_size)
		n--;
	if (n == 0)
		return false;
	vm->stack_low = start + VOUCH_FRAME_SIZE;
	vm->stack_top = start + n * VOUCH_FRAME_SIZE;
	return true;
}

enum vouch_status vouch_init(struct vouch_vm *vm, const struct vouch_config *config)
{
	enum vouch_status status;

	*vm = (struct vouch_vm){.regions = config->regions,
		.nregions = config->nregions,
		.helpers = config->helpers,
		.nhelpers = config->helpers ? config->nhelpers : 0,
		.find = (const void *)(uintptr_t)vouch_region_find,
		.user = config->user,
		.insns = config->program.insns,
		.count = config->program.count,
		.entry = config->program.entry,
		.fuel = config->fuel};
	for (unsigned i = 0; i < VOUCH_DATA_MAX; i++)
		vm->data[i] = config->data[i];
	status = vouch_check(&config->program, vm->helpers, vm->nhelpers, &vm->fault);
	if (status != VOUCH_OK)
		return status;
	if (!set_stack(vm, config)) {
		vm_stop(vm, VOUCH_BAD_STACK, 0);
		return VOUCH_BAD_STACK;
	}
	return vouch_set_context(vm, config->context);
}

void *vouch_memory(const struct vouch_vm *vm, uint64_t address, uint64_t size, uint32_t permissions)
{
	uint32_t context_permissions = vm->limit[1][0] ? VOUCH_READ | VOUCH_WRITE : VOUCH_READ;
	const struct vouch_region own[2] = {
		{vm->context, vm->context_size, context_permissions}, stack_region(vm)};

	if (vouch_region_find(own, 2, address, size, permissions) ||
		vouch_region_find(vm->regions, vm->nregions, address, size, permissions))
		return (void *)(uintptr_t)address;
	return NULL;
}

void vouch_end(struct vouch_vm *vm)
{
	vm->request = REQUEST_END;
}

void vouch_fail(struct vouch_vm *vm)
{
	vm->request = REQUEST_FAIL;
}
