"""The day of the registry, in UTC: every job and its hour."""

from registry.applications.jobs import archive_idle, end_completions
from registry.certificates.jobs import issue_granted
from registry.jobs import Job
from registry.mail.jobs import deliver_waiting, forget_secrets
from registry.rechecks.jobs import (
    close_decided,
    open_due,
    propose_withdrawals,
    register_filed,
    remind,
    suspend_missed,
)

#: None between 00:50 and 01:10 UTC: there the clocks of Rome jump twice a year.
TIMETABLE = [
    Job("certificates.issue_granted", "* * * * *", issue_granted),
    Job("mail.deliver_waiting", "* * * * *", deliver_waiting),
    Job("rechecks.register_filed", "*/5 * * * *", register_filed),
    Job("rechecks.close_decided", "*/5 * * * *", close_decided),
    Job("rechecks.open_due", "10 3 * * *", open_due),
    Job("rechecks.remind", "20 3 * * *", remind),
    Job("rechecks.suspend_missed", "30 3 * * *", suspend_missed),
    Job("rechecks.propose_withdrawals", "40 3 * * *", propose_withdrawals),
    Job("applications.end_completions", "50 3 * * *", end_completions),
    Job("applications.archive_idle", "0 4 * * *", archive_idle),
    Job("mail.forget_secrets", "10 4 * * *", forget_secrets),
]
BY_NAME = {job.name: job for job in TIMETABLE}
