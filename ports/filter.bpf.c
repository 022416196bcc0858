/* SPDX-License-Identifier: MIT */
/*
 * What the demo runs: it comes from elsewhere and is not trusted. It adds up the readings in its
 * context, weighted, tells the host of each that is high, and counts them. It believes the
 * context's own count of readings, which is a mistake: a count that lies makes it read beyond.
 */
typedef unsigned int u32;
typedef unsigned long long u64;

struct readings {
	u32 count;
	u32 millivolts[];
};

static u64 (*const scale)(u64 value, u64 weight) = (void *)1;
static void (*const report)(u64 index, u64 value) = (void *)2;

static const volatile u32 weights[4] = {3, 5, 7, 11};
static volatile u32 high;

u64 entry(const struct readings *readings, u64 size)
{
	u64 sum = 0;

	for (u32 i = 0; i < readings->count; i++) {
		u32 value = readings->millivolts[i];

		sum += scale(value, weights[i & 3]);
		if (value > 3000) {
			report(i, value);
			high++;
		}
	}
	return sum * 1000 / (readings->count + high);
}
