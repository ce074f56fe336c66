/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device under test as a process: start, kill, measure.
 *
 * It gets a process group of its own, so that helpers it starts die with it, and the signal
 * SIGKILL when the load program ends in whatever way, so that no run leaves a daemon behind.
 * Memory is read from smaps_rollup (RSS, PSS) and status (peak); CPU time from the process's clock.
 */
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int64_t clock_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static _Noreturn void dut_become(const struct plan *plan, pid_t parent)
{
    int log = open(plan->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    int none = open("/dev/null", O_RDONLY | O_CLOEXEC);

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(126);
    if (log < 0 || none < 0 || dup2(none, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
        _exit(126);
    execvp(plan->command[0], plan->command);
    dprintf(2, "%s: %s\n", plan->command[0], strerror(errno));
    _exit(127);
}

pid_t dut_start(const struct plan *plan)
{
    pid_t parent = getpid();
    pid_t pid = fork();

    if (pid < 0)
        return -errno;
    if (pid == 0)
        dut_become(plan, parent);
    setpgid(pid, pid); /* in both, whoever comes first */
    return pid;
}

void dut_kill(pid_t pid)
{
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

bool dut_ended(pid_t pid, int *status)
{
    return waitpid(pid, status, WNOHANG) == pid;
}

int64_t clock_machine_ns(void)
{
    unsigned long long user, nice_, system, idle, wait, irq, softirq;
    FILE *f = fopen("/proc/stat", "re");
    int n = 0;

    if (!f)
        return -1;
    n = fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu", &user, &nice_, &system, &idle, &wait,
               &irq, &softirq);
    fclose(f);
    if (n != 7)
        return -1;
    return (int64_t)(user + nice_ + system + irq + softirq) * (1000000000 / sysconf(_SC_CLK_TCK));
}

/* The number of KiB after `key` in a file of /proc; false if there is none. */
static bool proc_read_kib(pid_t pid, const char *file, const char *key, uint64_t *kib)
{
    char path[64];
    char line[256];
    size_t key_len = strlen(key);
    bool found = false;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, file);
    f = fopen(path, "re");
    if (!f)
        return false;
    while (!found && fgets(line, sizeof line, f)) {
        if (strncmp(line, key, key_len) == 0) {
            *kib = strtoull(line + key_len, NULL, 10);
            found = true;
        }
    }
    fclose(f);
    return found;
}

bool dut_measure(pid_t pid, struct dut_usage *usage)
{
    struct timespec t;
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
        return false;
    *usage = (struct dut_usage){.cpu_ns = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec};
    return proc_read_kib(pid, "smaps_rollup", "Rss:", &usage->rss_kib) &&
           proc_read_kib(pid, "smaps_rollup", "Pss:", &usage->pss_kib) &&
           proc_read_kib(pid, "status", "VmHWM:", &usage->peak_kib);
}
