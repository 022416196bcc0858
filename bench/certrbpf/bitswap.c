/* Exchange two bits of a byte. Input: the byte and where the two bits are, each a word: 12 bytes.
 */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

struct context {
	u32 value, one, other;
};

u64 entry(struct context *context, u64 size)
{
	u32 value = context->value, one = context->one, other = context->other;
	u32 differ = (value >> one ^ value >> other) & 1;

	(void)size;
	return (u8)(value ^ differ << one ^ differ << other);
}
