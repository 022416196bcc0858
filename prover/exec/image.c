/* SPDX-License-Identifier: MIT */
/* See image.h. libelf reads the file; this keeps what the executor needs of it. */
#include "prover/exec/image.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool read_segment(struct image *image, Elf *elf, const GElf_Phdr *header)
{
	struct segment *segment = &image->segment[image->segments];
	size_t file_size;
	char *file = elf_rawfile(elf, &file_size);

	if (image->segments == sizeof(image->segment) / sizeof(image->segment[0]) || !file ||
		header->p_offset > file_size || header->p_filesz > file_size - header->p_offset ||
		header->p_filesz > header->p_memsz || header->p_memsz > 1 << 28)
		return false;
	*segment = (struct segment){.address = header->p_vaddr,
		.size = header->p_memsz,
		.bytes = calloc(1, header->p_memsz + 1),
		.writable = (header->p_flags & PF_W) != 0,
		.executable = (header->p_flags & PF_X) != 0};
	if (!segment->bytes)
		return false;
	memcpy(segment->bytes, file + header->p_offset, header->p_filesz);
	image->segments++;
	return true;
}

static bool read_segments(struct image *image, Elf *elf)
{
	size_t count;

	if (elf_getphdrnum(elf, &count) != 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr header;

		if (!gelf_getphdr(elf, (int)i, &header))
			return false;
		if (header.p_type == PT_LOAD && header.p_memsz > 0 &&
			!read_segment(image, elf, &header))
			return false;
	}
	return image->segments > 0;
}

/* False: not of a kind that anything here runs. */
static bool read_header(struct image *image, Elf *elf)
{
	GElf_Ehdr header;

	if (!gelf_getehdr(elf, &header) || header.e_ident[EI_DATA] != ELFDATA2LSB)
		return false;
	image->machine = header.e_machine;
	image->word = header.e_ident[EI_CLASS] == ELFCLASS64 ? 8 : 4;
	return true;
}

/* Where it is: bit 0 of a function's value says Thumb, in the ELF for the Arm architecture. */
static uint64_t address_of(const struct image *image, const GElf_Sym *sym)
{
	bool thumb = image->machine == EM_ARM && GELF_ST_TYPE(sym->st_info) == STT_FUNC;

	return thumb ? sym->st_value & ~(uint64_t)1 : sym->st_value;
}

static bool read_symbols(struct image *image, Elf *elf)
{
	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn));) {
		GElf_Shdr header;
		Elf_Data *data;

		if (!gelf_getshdr(scn, &header) || header.sh_type != SHT_SYMTAB)
			continue;
		data = elf_getdata(scn, NULL);
		if (!data || header.sh_entsize == 0)
			return false;
		image->symbol =
			calloc(header.sh_size / header.sh_entsize + 1, sizeof(*image->symbol));
		if (!image->symbol)
			return false;
		for (size_t i = 0; i < header.sh_size / header.sh_entsize; i++) {
			GElf_Sym sym;
			const char *name;

			if (!gelf_getsym(data, (int)i, &sym))
				return false;
			name = elf_strptr(elf, header.sh_link, sym.st_name);
			if (!name || !*name ||
				(GELF_ST_TYPE(sym.st_info) != STT_FUNC &&
					GELF_ST_TYPE(sym.st_info) != STT_OBJECT))
				continue;
			image->symbol[image->symbols].name = strdup(name);
			image->symbol[image->symbols].address = address_of(image, &sym);
			image->symbol[image->symbols++].size = sym.st_size;
		}
	}
	return image->symbols > 0;
}

struct image *image_read(const char *path, char *error, size_t size)
{
	struct image *image = calloc(1, sizeof(*image));
	int file = open(path, O_RDONLY | O_CLOEXEC);
	Elf *elf = NULL;
	bool ok = false;

	elf_version(EV_CURRENT);
	if (!image || file < 0)
		snprintf(error, size, "%s: %s", path, strerror(errno));
	else if (!(elf = elf_begin(file, ELF_C_READ, NULL)) || elf_kind(elf) != ELF_K_ELF)
		snprintf(error, size, "%s: not an ELF file", path);
	else if (!read_header(image, elf))
		snprintf(error, size, "%s: not a little-endian ELF file", path);
	else if (!read_segments(image, elf) || !read_symbols(image, elf))
		snprintf(error, size, "%s: segments or symbols cannot be read", path);
	else
		ok = true;
	if (elf)
		elf_end(elf);
	if (file >= 0)
		close(file);
	if (ok)
		return image;
	image_free(image);
	return NULL;
}

void image_free(struct image *image)
{
	if (!image)
		return;
	for (size_t i = 0; i < image->segments; i++)
		free(image->segment[i].bytes);
	for (size_t i = 0; i < image->symbols; i++)
		free(image->symbol[i].name);
	free(image->symbol);
	free(image);
}

uint64_t image_address(const struct image *image, const char *name)
{
	for (size_t i = 0; i < image->symbols; i++)
		if (strcmp(image->symbol[i].name, name) == 0)
			return image->symbol[i].address;
	return 0;
}

const char *image_function(const struct image *image, uint64_t address)
{
	for (size_t i = 0; i < image->symbols; i++)
		if (address - image->symbol[i].address < image->symbol[i].size)
			return image->symbol[i].name;
	return NULL;
}

const struct segment *image_segment(const struct image *image, uint64_t address, uint64_t bytes)
{
	for (size_t i = 0; i < image->segments; i++) {
		const struct segment *segment = &image->segment[i];
		uint64_t offset = address - segment->address;

		if (bytes <= segment->size && offset <= segment->size - bytes)
			return segment;
	}
	return NULL;
}
