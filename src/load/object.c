/* SPDX-License-Identifier: MIT */
/*
 * Reading an ELF object: sections, symbols, functions. libelf finds its way through the file; what
 * it leaves to its users is checked here: that sections lie in the file and that symbols lie in
 * sections.
 */
#include "elf.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef EM_BPF
#define EM_BPF 247
#endif

enum { SECTIONS_MAX = 16384 };

bool object_refuse(struct object_error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->message, sizeof(error->message), format, args);
	va_end(args);
	return false;
}

void *object_grown(void *array, size_t n, size_t *room, size_t element)
{
	size_t wanted = *room ? *room * 2 : 64;
	void *bigger;

	if (n < *room)
		return array;
	bigger = realloc(array, wanted * element);
	if (bigger)
		*room = wanted;
	return bigger;
}

bool object_is_elf(const void *bytes, size_t size)
{
	return size >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0;
}

const char *section_name(const struct object *object, size_t index)
{
	return index < object->nsections ? object->sections[index].name : "?";
}

struct section *section_named(struct object *object, const char *name)
{
	for (size_t i = 1; i < object->nsections; i++)
		if (strcmp(object->sections[i].name, name) == 0)
			return &object->sections[i];
	return NULL;
}

bool is_code(const struct section *section)
{
	return section->header.sh_type == SHT_PROGBITS &&
	       (section->header.sh_flags & SHF_EXECINSTR);
}

/* The index of the first function that starts after a byte of a section. */
static size_t function_after(const struct object *object, size_t section, uint64_t offset)
{
	size_t low = 0, high = object->nfunctions;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct range *range = &object->ranges[middle];

		if (range->section < section ||
			(range->section == section && range->start <= offset))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t function_at(const struct object *object, size_t section, uint64_t offset)
{
	size_t after = function_after(object, section, offset);
	const struct range *range = after > 0 ? &object->ranges[after - 1] : NULL;

	if (range && range->section == section && offset - range->start < range->size)
		return after - 1;
	return object->nfunctions;
}

/* libelf trusts the sizes in headers until the data is asked for; the file's own size is the limit.
 */
static bool read_section(
	struct object *object, size_t index, size_t names, struct object_error *error)
{
	struct section *section = &object->sections[index];
	Elf_Scn *scn = elf_getscn(object->elf, index);
	Elf_Data *data;

	section->name = "";
	if (!scn || !gelf_getshdr(scn, &section->header))
		return object_refuse(error, "section %zu: %s", index, elf_errmsg(-1));
	section->name = elf_strptr(object->elf, names, section->header.sh_name);
	if (!section->name)
		return object_refuse(error, "section %zu has no readable name", index);
	section->size = section->header.sh_size;
	if (section->header.sh_type == SHT_NOBITS || section->header.sh_type == SHT_NULL)
		return true;
	if (section->header.sh_flags & SHF_COMPRESSED)
		return object_refuse(error,
			"section '%s' is compressed: use objcopy --decompress-debug-sections",
			section->name);
	if (section->header.sh_offset > object->file_size ||
		section->size > object->file_size - section->header.sh_offset)
		return object_refuse(
			error, "section '%s' reaches beyond the end of the file", section->name);
	if (is_code(section) && section->size % 8 != 0)
		return object_refuse(
			error, "section '%s' is not a whole number of instructions", section->name);
	data = elf_rawdata(scn, NULL);
	if (!data || (data->d_size < section->size && section->size > 0))
		return object_refuse(error, "section '%s' cannot be read", section->name);
	section->bytes = data->d_buf;
	/* libelf looks for the end of each name from the end of the table. */
	if (section->header.sh_type == SHT_STRTAB &&
		(section->size == 0 || section->bytes[section->size - 1] != 0))
		return object_refuse(
			error, "section '%s': a table of names without an end", section->name);
	return true;
}

static bool read_sections(struct object *object, struct object_error *error)
{
	size_t names;

	if (elf_getshdrnum(object->elf, &object->nsections) != 0 ||
		elf_getshdrstrndx(object->elf, &names) != 0)
		return object_refuse(error, "section table: %s", elf_errmsg(-1));
	if (object->nsections > SECTIONS_MAX ||
		object->nsections > object->file_size / sizeof(Elf64_Shdr))
		return object_refuse(error, "too many sections (%zu)", object->nsections);
	object->sections = calloc(object->nsections + 1, sizeof(*object->sections));
	if (!object->sections)
		return object_refuse(error, "out of memory");
	for (size_t i = 1; i < object->nsections; i++)
		if (!read_section(object, i, names, error))
			return false;
	return true;
}

static bool read_symbol(struct object *object, Elf_Data *data, size_t strings, size_t index,
	struct object_error *error)
{
	struct symbol *symbol = &object->symbols[index];
	GElf_Sym sym;

	if (!gelf_getsym(data, (int)index, &sym))
		return object_refuse(error, "symbol %zu: %s", index, elf_errmsg(-1));
	*symbol = (struct symbol){.name = elf_strptr(object->elf, strings, sym.st_name),
		.value = sym.st_value,
		.size = sym.st_size,
		.section = sym.st_shndx,
		.type = GELF_ST_TYPE(sym.st_info),
		.bind = GELF_ST_BIND(sym.st_info)};
	if (!symbol->name)
		return object_refuse(error, "symbol %zu has no readable name", index);
	if (symbol->type == STT_SECTION && symbol->section < object->nsections)
		symbol->name = object->sections[symbol->section].name
		                       ? object->sections[symbol->section].name
		                       : "";
	if (sym.st_shndx == SHN_COMMON)
		return object_refuse(
			error, "'%s' is a common symbol: compile with -fno-common", symbol->name);
	if (sym.st_shndx >= SHN_LORESERVE)
		symbol->section = 0;
	else if (symbol->section >= object->nsections)
		return object_refuse(
			error, "symbol '%s' is in a section that does not exist", symbol->name);
	if (symbol->section != 0 && symbol->value > object->sections[symbol->section].size)
		return object_refuse(error, "symbol '%s' lies outside section '%s'", symbol->name,
			section_name(object, symbol->section));
	return true;
}

static bool read_symbols(struct object *object, struct object_error *error)
{
	for (size_t i = 1; i < object->nsections; i++) {
		const GElf_Shdr *header = &object->sections[i].header;
		Elf_Data *data;

		if (header->sh_type != SHT_SYMTAB)
			continue;
		if (header->sh_entsize != sizeof(Elf64_Sym))
			return object_refuse(error, "symbol table with entries of a strange size");
		data = elf_getdata(elf_getscn(object->elf, i), NULL);
		if (!data)
			return object_refuse(error, "symbol table: %s", elf_errmsg(-1));
		object->nsymbols = data->d_size / sizeof(Elf64_Sym);
		object->symbols = calloc(object->nsymbols + 1, sizeof(*object->symbols));
		if (!object->symbols)
			return object_refuse(error, "out of memory");
		for (size_t s = 0; s < object->nsymbols; s++)
			if (!read_symbol(object, data, header->sh_link, s, error))
				return false;
		return true;
	}
	return object_refuse(error, "no symbol table");
}

/* Functions: what the compiler calls so, and in handwritten assembly every global label in code. */
static bool is_function(const struct object *object, const struct symbol *symbol)
{
	const struct section *section = &object->sections[symbol->section];

	return symbol->section != 0 && is_code(section) && symbol->value < section->size &&
	       symbol->value % 8 == 0 &&
	       (symbol->type == STT_FUNC ||
		       (symbol->type == STT_NOTYPE && symbol->bind != STB_LOCAL));
}

/* By place; of several names for one place the compiler's comes first, then global ones. */
static int compare_functions(const void *a, const void *b)
{
	const struct symbol *x = *(const struct symbol *const *)a,
			    *y = *(const struct symbol *const *)b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	if (x->type != y->type)
		return x->type == STT_FUNC ? -1 : 1;
	if (x->bind != y->bind)
		return x->bind == STB_GLOBAL ? -1 : y->bind == STB_GLOBAL;
	return (x > y) - (x < y);
}

/* What the compiler calls a function has a size; a label ends where the next one is. */
static uint64_t end_of(
	const struct object *object, const struct symbol *symbol, const struct symbol *next)
{
	uint64_t end = object->sections[symbol->section].size;

	if (symbol->size > 0 && symbol->size <= end - symbol->value && symbol->size % 8 == 0)
		return symbol->value + symbol->size;
	return next && next->section == symbol->section ? next->value : end;
}

/* Functions and their ranges, of symbols in the order of compare_functions(). Further names of a
 * function and labels inside it are not functions. */
static void add_functions(struct object *object, const struct symbol **symbols, size_t n)
{
	for (size_t i = 0, next; i < n; i = next) {
		const struct symbol *symbol = symbols[i];
		uint64_t start = symbol->value, end;

		for (next = i + 1; next < n && symbols[next]->section == symbol->section &&
				   symbols[next]->value == start;)
			next++;
		end = end_of(object, symbol, next < n ? symbols[next] : NULL);
		while (next < n && symbols[next]->section == symbol->section &&
			symbols[next]->value < end)
			next++;
		object->ranges[object->nfunctions] =
			(struct range){symbol->section, start, end - start, NOT_PLACED};
		object->functions[object->nfunctions++] =
			(struct object_function){.name = symbol->name,
				.section = section_name(object, symbol->section),
				.slots = (uint32_t)((end - start) / 8),
				.global = symbol->bind != STB_LOCAL};
	}
}

static bool find_functions(struct object *object, struct object_error *error)
{
	const struct symbol **symbols = calloc(object->nsymbols + 1, sizeof(*symbols));
	size_t n = 0;

	object->functions = calloc(object->nsymbols + 1, sizeof(*object->functions));
	object->ranges = calloc(object->nsymbols + 1, sizeof(*object->ranges));
	if (!symbols || !object->functions || !object->ranges) {
		free(symbols);
		return object_refuse(error, "out of memory");
	}
	for (size_t i = 0; i < object->nsymbols; i++)
		if (is_function(object, &object->symbols[i]))
			symbols[n++] = &object->symbols[i];
	qsort(symbols, n, sizeof(*symbols), compare_functions);
	add_functions(object, symbols, n);
	free(symbols);
	return n > 0 || object_refuse(error, "no function in any section of code");
}

/* What the file claims to be. */
static bool check_header(struct object *object, struct object_error *error)
{
	unsigned char host = VOUCH_BIG_ENDIAN ? ELFDATA2MSB : ELFDATA2LSB;
	GElf_Ehdr header;

	if (elf_kind(object->elf) != ELF_K_ELF || !gelf_getehdr(object->elf, &header))
		return object_refuse(error, "not an ELF file, or one cut short");
	if (gelf_getclass(object->elf) != ELFCLASS64 || header.e_machine != EM_BPF)
		return object_refuse(error,
			"an ELF file, but not for BPF (machine %u): compile with clang -target bpf",
			header.e_machine);
	if (header.e_ident[EI_DATA] != host)
		return object_refuse(error,
			"for machines of the other byte order: compile with -target %s",
			VOUCH_BIG_ENDIAN ? "bpfeb" : "bpfel");
	if (header.e_type != ET_REL)
		return object_refuse(error,
			"not a relocatable object (type %u): link with Vouch, not with ld",
			header.e_type);
	return true;
}

static bool read_object(struct object *object, struct object_error *error)
{
	/* Whatever libbpf finds wrong with debug information, it shall not write to the user's
	 * terminal. */
	libbpf_set_print(NULL);
	elf_version(EV_CURRENT);
	object->elf = elf_memory(object->file, object->file_size);
	if (!object->elf)
		return object_refuse(error, "not an ELF file: %s", elf_errmsg(-1));
	return check_header(object, error) && read_sections(object, error) &&
	       read_symbols(object, error) && find_functions(object, error) &&
	       object_read_maps(object, error) && object_read_lines(object, error);
}

struct object *object_open(const void *bytes, size_t size, struct object_error *error)
{
	struct object *object = calloc(1, sizeof(*object));

	if (!object || !(object->file = malloc(size + 1))) {
		free(object);
		object_refuse(error, "out of memory");
		return NULL;
	}
	memcpy(object->file, bytes, size);
	object->file_size = size;
	if (!read_object(object, error)) {
		object_close(object);
		return NULL;
	}
	return object;
}

void object_close(struct object *object)
{
	if (!object)
		return;
	btf__free(object->btf);
	if (object->elf)
		elf_end(object->elf);
	free(object->sections);
	free(object->symbols);
	free(object->functions);
	free(object->ranges);
	free(object->maps);
	free(object->map_offsets);
	free(object->lines);
	free(object->insns);
	free(object->rodata);
	free(object->data);
	free(object->helpers);
	free(object->order);
	free(object->file);
	free(object);
}

size_t object_functions(const struct object *object, const struct object_function **functions)
{
	*functions = object->functions;
	return object->nfunctions;
}

size_t object_maps(const struct object *object, const struct object_map **maps)
{
	*maps = object->maps;
	return object->nmaps;
}
