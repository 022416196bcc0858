/* SPDX-License-Identifier: MIT */
/* A POSIX function that picolibc has not, by what it has: a stream that writes to growing memory.
 */
#include <stdio.h>
#include <stdlib.h>

struct memory_stream {
	struct __file_close file;
	char **text;
	size_t *size;
};

static int put_memory(char c, FILE *file)
{
	struct memory_stream *stream = (struct memory_stream *)file;
	char *text = realloc(*stream->text, *stream->size + 2);

	if (!text)
		return EOF;
	text[(*stream->size)++] = c;
	text[*stream->size] = '\0';
	*stream->text = text;
	return (unsigned char)c;
}

static int close_memory(FILE *file)
{
	free(file);
	return 0;
}

FILE *open_memstream(char **text, size_t *size)
{
	struct memory_stream *stream = malloc(sizeof(*stream));

	*text = NULL;
	*size = 0;
	if (!stream)
		return NULL;
	*stream = (struct memory_stream){
		.file = FDEV_SETUP_CLOSE(put_memory, NULL, NULL, close_memory, _FDEV_SETUP_WRITE),
		.text = text,
		.size = size};
	return &stream->file.file;
}
