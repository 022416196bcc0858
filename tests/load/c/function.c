/* What Vouch refuses: the address of a function. */
static __attribute__((noinline)) int callee(int x)
{
	return x + 1;
}
int (*volatile pointer)(int);

int entry(void)
{
	pointer = callee;
	return 0;
}
