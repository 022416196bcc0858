/* What Vouch refuses: addresses in data. */
static int a, b;
int *volatile where[2] = {&a, &b};

int entry(void)
{
	return *where[1];
}
