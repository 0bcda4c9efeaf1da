//! The table of verdicts: rules, facts, the age of the commit in minutes, and the outcome.

use super::*;

fn check(cases: &[(&str, &[&str], i64, &str)]) {
    for (text, list, age, want) in cases {
        assert_eq!(outcome_at(&rules(text), list, *age), *want, "{text:?} {list:?} after {age} min");
    }
}

#[test]
fn one_requirement_follows_the_status_of_its_job() {
    check(&[
        ("unit", &["unit=success"], 0, "passed: passed"),
        ("unit", &["unit=failed"], 0, "failed: failed"),
        ("unit", &["unit=timedout"], 0, "failed: failed"),
        ("unit", &["unit=canceled"], 0, "failed: failed"),
        ("unit", &["unit=running"], 0, "pending: running"),
        ("unit", &["unit=pending"], 0, "pending: waiting"),
        // A job that stays queued is not absent.
        ("unit", &["unit=pending"], 9_999, "pending: waiting"),
        ("unit absent=passed", &["unit=pending"], 9_999, "pending: waiting"),
        // The newest attempt counts.
        ("unit", &["unit=failed^1", "unit=success^2"], 0, "passed: passed"),
        ("unit", &["unit=success^1", "unit=running^2"], 0, "pending: running"),
        // A stage of the requirement.
        ("test/unit", &["test/unit=success"], 0, "passed: passed"),
        ("test/unit", &["build/unit=success"], 0, "pending: waiting"),
        ("test/*", &["test/a=success", "build/b=failed"], 0, "passed: passed"),
    ]);
}

#[test]
fn a_pattern_needs_every_job_that_it_matches() {
    check(&[
        ("unit-*", &["unit-1=success", "unit-2=success"], 0, "passed: passed"),
        ("unit-*", &["unit-1=success", "unit-2=failed"], 0, "failed: failed"),
        ("unit-*", &["unit-1=success", "unit-2=running"], 0, "pending: running"),
        ("unit-*", &["unit-1=success", "unit-2=pending"], 0, "pending: waiting"),
        ("unit-*", &["unit-1=running", "unit-2=failed"], 0, "failed: failed"),
        ("unit-*", &["unit-1=pending", "unit-2=running"], 0, "pending: running"),
        ("unit-*", &["lint=success"], 0, "pending: waiting"),
        // Two jobs of one name, from two sources or in two stages, are two jobs: a success hides no failure.
        ("unit", &["a|test/unit=success", "bb|test/unit=failed"], 0, "failed: failed"),
        ("unit", &["checks/unit=success", "external/unit=failed"], 0, "failed: failed"),
    ]);
}

#[test]
fn what_does_not_count_is_said_by_the_rule_and_not_by_the_report() {
    check(&[
        ("unit", &["unit=skipped"], 0, "failed: failed"),
        ("unit skipped=passed", &["unit=skipped"], 0, "passed: passed"),
        ("unit skipped=not_applicable", &["unit=skipped"], 0, "passed: not_applicable"),
        ("unit-* skipped=passed", &["unit-1=skipped", "unit-2=failed"], 0, "failed: failed"),
        ("unit-* skipped=not_applicable", &["unit-1=skipped", "unit-2=success"], 0, "passed: passed"),
        ("unit-* skipped=not_applicable", &["unit-1=skipped", "unit-2=running"], 0, "pending: running"),
        ("unit-*", &["unit-1=skipped", "unit-2=success"], 0, "failed: failed"),
        ("unit", &["unit=failed~"], 0, "failed: failed"),
        ("unit", &["unit=timedout~"], 0, "failed: failed"),
        ("unit allow_failure", &["unit=failed~"], 0, "passed: passed"),
        ("unit allow_failure", &["unit=canceled~"], 0, "passed: passed"),
        ("unit allow_failure", &["unit=failed"], 0, "failed: failed"),
        ("unit allow_failure", &["unit=running~"], 0, "pending: running"),
    ]);
}

#[test]
fn absence_is_waited_for_and_then_means_what_the_rule_says() {
    check(&[
        ("unit", &["lint=success"], 0, "pending: waiting"),
        ("unit", &["lint=success"], 59, "pending: waiting"),
        ("unit", &["lint=success"], 60, "missing: missing"),
        ("unit after=0", &["lint=success"], 0, "missing: missing"),
        ("unit absent=passed", &["lint=success"], 59, "pending: waiting"),
        ("unit absent=passed", &["lint=success"], 60, "passed: passed"),
        ("unit absent=not_applicable after=5", &["lint=success"], 4, "pending: waiting"),
        ("unit absent=not_applicable after=5", &["lint=success"], 5, "passed: not_applicable"),
        // A job that arrives later counts.
        ("unit", &["lint=success", "90m:unit=success"], 91, "passed: passed"),
        ("unit absent=passed", &["lint=success", "90m:unit=failed"], 91, "failed: failed"),
        // The period begins with the first fact, which may be an announcement.
        ("unit", &["+7:lint"], 59, "pending: waiting [waiting]"),
        // Nothing is known of the commit.
        ("unit", &[], 9_999, "pending: waiting"),
        ("unit absent=passed", &[], 9_999, "pending: waiting"),
        ("unit absent=not_applicable after=0", &[], 9_999, "pending: waiting"),
    ]);
}

#[test]
fn several_requirements_give_one_verdict() {
    check(&[
        ("unit; lint", &["unit=success", "lint=success"], 0, "passed: passed passed"),
        ("unit; lint", &["unit=failed", "lint=running"], 0, "failed: failed running"),
        ("unit; lint", &["unit=running"], 60, "missing: running missing"),
        ("unit; lint", &["unit=failed"], 60, "failed: failed missing"),
        ("unit; lint absent=not_applicable", &["unit=success"], 60, "passed: passed not_applicable"),
        ("unit; lint absent=not_applicable", &["unit=success"], 9, "pending: passed waiting"),
        ("unit; test/unit", &["test/unit=success"], 0, "passed: passed passed"),
    ]);
}

#[test]
fn only_permitted_reporters_satisfy_a_requirement() {
    check(&[
        ("unit by=7", &["@7 unit=success"], 0, "passed: passed"),
        ("unit by=7", &["@8 unit=success"], 0, "pending: wrong_source"),
        ("unit by=7,8", &["@8 unit=success"], 0, "passed: passed"),
        ("unit by=#5", &["@7#5 unit=success"], 0, "passed: passed"),
        ("unit by=#5", &["@7#6 unit=success"], 0, "pending: wrong_source"),
        ("unit by=#5", &["@7 unit=success"], 0, "pending: wrong_source"),
        ("unit by=7", &["unit=success"], 0, "pending: wrong_source"),
        ("unit by=AKCI", &["@7#AKCI unit=success"], 0, "passed: passed"),
        ("unit by=AKCI", &["@7#AKX unit=success"], 0, "pending: wrong_source"),
        ("unit by=7", &["@7#AKX unit=success"], 0, "passed: passed"),
        // A stranger cannot end a job, nor begin a newer attempt of it, nor hide a failure by another source.
        ("unit by=7", &["@7 unit=running", "@8 unit=success"], 0, "pending: running"),
        ("unit by=7", &["@7 unit=failed^1", "@8 unit=success^2"], 0, "failed: failed"),
        ("unit by=7", &["@7 a|unit=failed", "@8 bb|unit=success"], 0, "failed: failed"),
        // Nor make a requirement fail that the permitted reporter reported as passed.
        ("unit by=7", &["@7 unit=success^1", "@8 unit=failed^2"], 0, "passed: passed"),
        ("unit by=7", &["@7 a|unit=success", "@8 bb|unit=failed"], 0, "passed: passed"),
        ("unit by=7", &["@7 unit=failed^1", "@7 unit=success^2"], 0, "passed: passed"),
        ("unit by=7", &["@8 unit=success"], 60, "missing: wrong_source"),
        // Nor make an absent job count as passed.
        ("unit by=7 absent=passed", &["@8 unit=success"], 60, "missing: wrong_source"),
        ("unit by=7 absent=passed", &["@8 lint=success"], 60, "passed: passed"),
        // The watchdog ends what a permitted reporter began.
        ("unit by=7", &["@7 unit=running", "@0 unit=timedout"], 0, "failed: failed"),
        ("unit by=7", &["@8 unit=running", "@0 unit=timedout"], 0, "pending: wrong_source"),
        ("unit by=7", &["@7 unit=running", "@0 unit=timedout", "@7 unit=success"], 0, "passed: passed"),
    ]);
}

#[test]
fn every_spelling_of_a_name_that_ignores_case_is_the_job() {
    check(&[
        ("unit", &["%Unit=success"], 0, "passed: passed"),
        ("UNIT", &["%Unit=failed"], 0, "failed: failed"),
        ("uni*", &["%UNIT=running"], 0, "pending: running"),
        // Another spelling of a stranger hides no failure.
        ("unit by=7 absent=passed", &["@8 %Unit=success", "@7 %unit=failed"], 60, "failed: failed"),
        ("unit by=7 absent=passed", &["@8 %Unit=success"], 60, "missing: wrong_source"),
        // Case distinguishes other names.
        ("unit", &["Unit=success"], 0, "pending: waiting"),
        ("unit absent=passed", &["Unit=failed"], 60, "passed: passed"),
        // Announcements.
        ("unit", &["+7:UNIT", "%Unit=running"], 60, "pending: running [running]"),
        ("unit absent=passed", &["+7:UNIT"], 60, "missing: missing [missing]"),
        ("unit by=7 absent=passed", &["+7:UNIT", "@8 %Unit=success"], 60, "missing: missing [passed]"),
        ("unit absent=passed", &["+7:UNIT", "UNIT=success"], 60, "passed: passed [passed]"),
        ("unit", &["+7:Unit", "unit=success"], 0, "pending: waiting [waiting]"),
    ]);
}

#[test]
fn nothing_passes_before_the_announced_jobs_have_ended() {
    check(&[
        ("unit", &["+7:lint", "unit=success"], 0, "pending: passed [waiting]"),
        ("unit", &["+7:lint", "unit=success", "lint=running"], 0, "pending: passed [running]"),
        ("unit", &["+7:lint", "unit=success", "lint=pending"], 0, "pending: passed [waiting]"),
        // An announced job that no requirement names need not succeed.
        ("unit", &["+7:lint", "unit=success", "lint=failed"], 0, "passed: passed [passed]"),
        ("unit", &["+7:lint", "unit=success"], 60, "missing: passed [missing]"),
        ("test-*", &["+7:test-1,test-2", "test-1=success"], 0, "pending: waiting [waiting]"),
        ("test-*", &["+7:test-1,test-2", "test-1=success", "test-2=success"], 0, "passed: passed [passed]"),
        ("test-*", &["+7:test-1,test-2", "test-1=failed"], 0, "failed: failed [waiting]"),
        ("test-*", &["test-1=success", "+7:test-2"], 0, "pending: waiting [waiting]"),
        // An announced job that is absent takes precedence over the meaning of absence.
        ("unit absent=passed", &["+7:unit"], 60, "missing: missing [missing]"),
        ("unit absent=not_applicable after=0", &["+7:unit"], 0, "missing: missing [waiting]"),
        ("unit absent=passed after=90", &["+7:unit"], 60, "missing: waiting [missing]"),
        // The stage of an announcement.
        ("unit", &["+7:deploy/unit", "test/unit=success"], 0, "pending: waiting [waiting]"),
        ("unit", &["+7:unit", "test/unit=success"], 0, "passed: passed [passed]"),
        // Only a permitted report ends the announced job of such a requirement.
        ("unit by=7", &["+7:unit", "@8 unit=success"], 0, "pending: waiting [passed]"),
        ("unit by=7", &["+7:unit", "@7 unit=success"], 0, "passed: passed [passed]"),
    ]);
}

#[test]
fn a_complete_list_replaces_earlier_ones_and_ends_the_absence_of_its_reporter() {
    check(&[
        ("unit", &["+7:unit,lint", "!7:unit", "unit=success"], 0, "passed: passed [passed]"),
        ("unit", &["+7:lint", "!8:unit", "unit=success"], 0, "pending: passed [waiting]"),
        ("unit", &["!7:unit", "+7:lint", "unit=success"], 0, "pending: passed [waiting]"),
        // Somebody else may still report the job.
        ("unit absent=passed", &["!7:lint", "lint=success"], 0, "pending: waiting [passed]"),
        // Nobody else may.
        ("unit by=7 absent=passed", &["!7:lint", "lint=success"], 0, "passed: passed [passed]"),
        ("unit by=7 absent=not_applicable", &["!7:"], 0, "passed: not_applicable"),
        ("unit by=7", &["!7:lint", "lint=success"], 0, "missing: missing [passed]"),
        ("unit by=7,8 absent=passed", &["!7:"], 0, "pending: waiting"),
        ("unit by=7,8 absent=passed", &["!7:", "!8:"], 0, "passed: passed"),
        ("unit by=#5 absent=passed", &["!7#5:"], 0, "passed: passed"),
        ("unit by=#5 absent=passed", &["!7:"], 0, "pending: waiting"),
        ("unit by=7 absent=passed", &["!8:"], 0, "pending: waiting"),
        // A list of one source says nothing about the others, and replaces only the lists of this source.
        ("unit by=7 absent=passed", &["!7|jenkins:"], 0, "pending: waiting"),
        ("unit by=7 absent=passed", &["!7|jenkins:", "!7:"], 0, "passed: passed"),
        ("unit", &["+7|jenkins:lint", "!7:", "unit=success"], 0, "pending: passed [waiting]"),
        ("unit", &["+7|jenkins:lint", "!7|jenkins:", "unit=success"], 0, "passed: passed"),
        ("unit", &["+7|jenkins:lint", "unit=success", "lint=success"], 0, "pending: passed [waiting]"),
        ("unit", &["+7|jenkins:lint", "unit=success", "jenkins|lint=success"], 0, "passed: passed [passed]"),
        // Another credential of the user replaces nothing.
        ("unit", &["+7#5:lint", "!7#6:", "unit=success"], 0, "pending: passed [waiting]"),
        ("unit", &["+7#5:lint", "!7:", "unit=success"], 0, "pending: passed [waiting]"),
        ("unit", &["+7#5:lint", "!7#5:", "unit=success"], 0, "passed: passed"),
    ]);
}

#[test]
fn an_override_counts_for_its_requirement_or_for_all() {
    check(&[
        ("unit; lint", &["unit=failed", "lint=success", "override unit"], 0, "passed: overridden passed"),
        ("unit; lint", &["unit=failed", "lint=failed", "override unit"], 0, "failed: overridden failed"),
        ("unit; lint", &["unit=failed", "override *"], 0, "passed: overridden overridden"),
        ("unit", &["lint=success", "override unit"], 99, "passed: overridden"),
        ("unit by=7", &["@8 unit=success", "override unit"], 0, "passed: overridden"),
        ("unit", &["unit=failed", "withdrawn unit"], 0, "failed: failed"),
        ("unit", &["unit=failed", "override lint"], 0, "failed: failed"),
        // What passes needs no override.
        ("unit", &["unit=success", "override unit"], 0, "passed: passed"),
        // An override of one requirement does not end the wait for announced jobs; one of the gate does.
        ("unit", &["unit=success", "+7:lint", "override unit"], 0, "pending: passed [waiting]"),
        ("unit", &["unit=success", "+7:lint", "override *"], 0, "passed: passed [overridden]"),
        // It does not hold for what is announced later, until that has ended.
        ("unit", &["unit=success", "+7:lint", "override *", "+8:docs"], 0, "pending: passed [waiting]"),
        (
            "unit",
            &["unit=success", "+7:lint", "override *", "+8:docs", "docs=failed"],
            0,
            "passed: passed [overridden]",
        ),
        ("unit", &["unit=failed", "override *", "+7:lint"], 0, "pending: overridden [waiting]"),
        (
            "unit",
            &["unit=failed", "override *", "+7:lint", "override *"],
            0,
            "passed: overridden [overridden]",
        ),
    ]);
}

/// The threads of the facts (dialects, section 11), each by its kind.
#[test]
fn what_people_complain_about_elsewhere_has_a_right_verdict() {
    let queue = rules("unit").set.target_of_queue("gh-readonly-queue/main/pr-104-8dd29a7f");
    assert_eq!(queue.as_deref(), Some("main"), "the commits of a merge queue use the rules of their target");
    check(&[
        // A skipped workflow never reports, and blocks forever: the rule says that it does not apply
        // (volcano-sh/kthena#538, CDCgov/cfa-stf-routine-forecasting#610, fullsend-ai/fullsend#1987).
        ("e2e absent=not_applicable; unit", &["unit=success"], 60, "passed: not_applicable passed"),
        (
            "e2e by=7 absent=not_applicable; unit",
            &["!7:unit", "unit=success"],
            1,
            "passed: not_applicable passed [passed]",
        ),
        // A commit of a merge queue without any check is missing, and not waiting forever (ruby/rbs#3032,
        // agentnameservice/ans#110, tamagui/tamagui#4183, linkml/linkml#3472).
        ("unit", &["queue=success"], 61, "missing: missing"),
        // Skipped counts as passed although nothing ran (handarbeit/fabrik#933, GitHub's documentation).
        ("deploy", &["deploy=skipped"], 0, "failed: failed"),
        // The same name from another source satisfies the rule (Mergify, community discussion 199130).
        ("unit by=7", &["@8 stranger|unit=success"], 0, "pending: wrong_source"),
        // A check and a status of one name must both pass (GitHub's troubleshooting).
        ("unit", &["checks/unit=success", "external/unit=pending"], 0, "pending: waiting"),
        // Merged before any required check had reported (go-gitea/gitea#21892).
        ("unit", &[], 0, "pending: waiting"),
        // Merged with failed or pending checks (go-gitea/gitea#27398).
        ("unit; lint", &["unit=success", "lint=failed"], 0, "failed: passed failed"),
        ("unit; lint", &["unit=success", "lint=pending"], 0, "pending: passed waiting"),
        // No pipeline blocks forever (gitlab-org/gitlab#13724).
        ("unit absent=not_applicable", &["docs=success"], 60, "passed: not_applicable"),
        // An external status stays at "checking" forever (gocd-build-status-notifier#283).
        ("gocd", &["unit=success"], 60, "missing: missing"),
        // Merged before later stages exist as jobs (jenkinsci/gitlab-plugin#383).
        ("*", &["+7:build,test,deploy", "build=success"], 0, "pending: waiting [waiting]"),
    ]);
}
