/*
 * A buffer as a socket filter sees it: where its data begins and ends. Mark, in an array behind the
 * two, each byte of data, as far as the array goes; then add up the array. Input: data, data_end
 * and the array, 17 bytes.
 */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

struct buffer {
	u32 data, data_end;
	u8 marks[];
};

u64 entry(struct buffer *buffer, u64 size)
{
	u32 n = (u32)size - (u32)sizeof(*buffer), sum = 0;
	u32 at = buffer->data, end = buffer->data_end;

	for (u32 i = 0; i < n && at < end; i++, at++) {
		buffer->marks[i] = 1;
		__asm__ volatile("" ::: "memory");
	}
	for (u32 i = 0; i < n; i++)
		sum += buffer->marks[i];
	return sum;
}
