/* Preloaded into a run: kills it before its nth commit, rename or link, as a power cut would.
   KILL_BEFORE holds n; where the run makes fewer calls, it ends undisturbed. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void count(void) {
  static int calls = 0;
  const char *nth = getenv("KILL_BEFORE");
  if (nth && __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST) == atoi(nth)) kill(getpid(), SIGKILL);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fdatasync(int file) { count(); return REAL(fdatasync)(file); }
int rename(const char *from, const char *to) { count(); return REAL(rename)(from, to); }
int link(const char *from, const char *to) { count(); return REAL(link)(from, to); }
