"""So much and no more, for the process that looks into files (ASVS 15.2.5)."""

import resource

MEGABYTE = 1024 * 1024


def limit_this_process(seconds: int) -> None:
    """Memory, time, open files and writing."""
    resource.setrlimit(resource.RLIMIT_AS, (512 * MEGABYTE, 512 * MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
