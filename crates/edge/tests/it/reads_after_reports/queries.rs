//! The queries of the reads.

/// Queries of an operation beside the one without parameters. They have every parameter of the OpenAPI documents.
pub fn queries(operation: &str) -> &'static [&'static str] {
    const TIMES: &str = "since=2026-11-23T00:00:00Z&until=2026-12-24T00:00:00Z&updated_since=2026-11-23T00:00:00Z&updated_until=2026-12-24T00:00:00Z";
    match operation {
        "ListCurrentUserRepositories" => &[
            "offset=0&limit=10&search=acme&order_by=updated_at&sort=desc",
            "archived=false&membership=true&user_created=true&starred=false",
        ],
        "ListProjectRepositories" => &["offset=0&limit=10&search=acme&order_by=id&sort=desc"],
        "ListProjectRepositoriesV2" | "ListUserAllRepositories" => &["page_index=1&page_size=20&search=acme"],
        "Repositories" => &["offset=0&limit=20&search=acme&archived=false"],
        "ListPipelineJobs" => &["offset=0&limit=100", "offset=1&limit=1"],
        "ListRepositoryMergeRequests" | "ListProjectMergeRequests" | "ListPersonalMergeRequests" => &[
            "state=opened&order_by=updated_at&sort=desc&source_branch=main&target_branch=dev&search=MA&offset=0&limit=5",
            "scope=all&view=simple&wip=no&created_after=2026-11-23T00:00:00Z&created_before=2026-12-24T00:00:00Z",
            "updated_after=2026-11-23T00:00:00Z&updated_before=2026-12-24T00:00:00Z",
            "only_count=true",
            "author_id=1",
            "labels=x",
            "topic=x",
            "source_repository_id=2147483647",
            "merged_by=1",
            "merged_after=2026-11-23T00:00:00Z&merged_before=2026-12-24T00:00:00Z",
        ],
        "ListCommitAssociatedMergeRequests" => &["offset=0&limit=5"],
        "ShowCommit" => &["sha=main&stats=true&show_code_changes=true", "sha=1c46"],
        "ListCommitAssociatedRefs" => &["type=branch&offset=0&limit=5"],
        "ListBranches" => &[
            "branch_type=not_protect&sort=updated_desc&query_view=active&view=all&offset=0&limit=5",
            "creator=1",
        ],
        "ShowBranch" => &["branch_name=other"],
        "ListTags" => &["search=v&order_by=name&sort=asc&view=detail&offset=0&limit=5", "creator=1"],
        "ShowTag" => &["tag_name=v1"],
        "ListRefsList" => &["type=branch&search=oth&offset=0&limit=5"],
        "Jobs" => &["offset=0&limit=100", "offset=1&limit=1", "as_of=report:2"],
        "FindJobs" => &[
            "pipeline_id=1&status=failed&newest=true",
            "ref=main&sha=1c46&source=external&stage=external&name=build&third_build_id=1",
            TIMES,
            "q=test&before=100&limit=5&total=true",
            "ref=other&status=failed",
            "pipeline_id=2",
        ],
        "History" => &["after=1&limit=10", "as_of=report:2"],
        "JobRuns" | "PageJobRuns" => &[
            "stage=external&name=build",
            "stage=external&name=build&ref=main&source=external&status=failed&before=100&limit=5",
        ],
        "Grid" | "PageGrid" => &["ref=main&source=external&before=100&limit=5"],
        "ComparePipelines" => &["with=2"],
        "Search" | "PageSearch" => &["q=bui", "q=bui&repository=1"],
        "Insights" => &["days=7&ref=main&sort=name"],
        "MergeRequests" => &["before=100&limit=10"],
        "Pipelines" => &[
            "status=failed",
            "ref=other&sha=1c46&source=external&key=k&user=u",
            TIMES,
            "q=other&before=100&limit=5&total=true",
        ],
        "Pipeline" => &["wait=60&after=0", "as_of=report:2"],
        "Gate" => &["target=main&wait=0&after=0", "target=main&as_of=report:2"],
        "GateVerdicts" => &["target=main&until=2099-01-01T00:00:00Z&before=9&limit=1"],
        "Deliveries" | "SubscriptionDeliveries" => &["limit=1"],
        "ForwardedStates" => {
            &["sha=1c46c505c84853887efe2ea9ea02a1333bae2237&progress=pending", "before=1000000&limit=5"]
        }
        "ListProjectJobs" => &[
            "scope[]=failed",
            "order_by=id&sort=asc&page=1&per_page=100&pagination=offset",
            "pagination=keyset&cursor=100",
        ],
        "ListJobsOfPipeline" => &[
            "scope[]=failed",
            "include_retried=true&order_by=id&sort=asc&page=1&per_page=100&pagination=offset",
            "pagination=keyset&cursor=100",
        ],
        "ListProjectPipelines" => &[
            "scope=finished",
            "scope=branches",
            "status=failed",
            "ref=other&sha=1c46c505c84853887efe2ea9ea02a1333bae2237&source=external&yaml_errors=false&username=u",
            "name=p",
            "created_after=2026-11-23T00:00:00Z&created_before=2026-12-24T00:00:00Z",
            "updated_after=2026-11-23T00:00:00Z&updated_before=2026-12-24T00:00:00Z&order_by=updated_at&sort=asc",
            "order_by=status&page=1&per_page=5&pagination=offset",
            "pagination=keyset&cursor=100",
        ],
        "ListProjects" => &[
            "search=acme&membership=true&owned=true&archived=false&visibility=private&starred=false&order_by=updated_at",
            "simple=true&min_access_level=20&order_by=last_activity_at&sort=desc&page=1&per_page=5&pagination=offset",
            "pagination=keyset&cursor=0",
        ],
        "ListProjectBranches" => &[
            "search=^other$&sort=updated_desc&page=1&per_page=5&pagination=offset",
            "pagination=keyset&cursor=1",
        ],
        "ListProjectTags" => &[
            "search=v&order_by=name&sort=asc&page=1&per_page=5&pagination=offset",
            "pagination=keyset&cursor=0",
        ],
        "ListMergeRequestsOfCommit" => &["page=1&per_page=5&pagination=offset", "pagination=keyset&cursor=0"],
        "GetLatestPipeline" => &["ref=other"],
        "ListCommitStatuses" => &[
            "ref=main&stage=external&name=build&pipeline_id=1",
            "all=true&order_by=pipeline_id&sort=desc&page=1&per_page=5&pagination=offset",
            "pagination=keyset&cursor=100&sort=desc",
        ],
        "GitHubListCommitStatuses"
        | "GitHubListCommitStatusesAtRoot"
        | "GitHubListStatuses"
        | "GitHubListStatusesAtRoot"
        | "GitHubGetCombinedStatus"
        | "GitHubGetCombinedStatusAtRoot" => &["page=1&per_page=5"],
        "GitHubListCheckRuns"
        | "GitHubListCheckRunsAtRoot"
        | "GitHubListCheckRunsOfSuite"
        | "GitHubListCheckRunsOfSuiteAtRoot" => &[
            "check_name=build&status=completed&filter=latest&page=1&per_page=5",
            "filter=all&per_page=1",
            "app_id=1",
        ],
        "GitHubListCheckSuites" | "GitHubListCheckSuitesAtRoot" => {
            &["check_name=build&page=1&per_page=5", "per_page=1", "app_id=1"]
        }
        "GitHubListCheckRunAnnotations" | "GitHubListCheckRunAnnotationsAtRoot" => &["page=1&per_page=5"],
        "GiteaListStatuses" | "GiteaListStatusesByRef" => {
            &["sort=oldest&state=failure&page=1&limit=5", "state=pending"]
        }
        "GiteaGetCombinedStatus" => &["page=1&limit=5"],
        "BitbucketGetBuild" => &["key=build"],
        "BitbucketListCommitStatuses" => &["start=0&limit=5"],
        "PageRepositories" => &["q=acme&health=failing,running&offset=0&limit=20"],
        "PageWall" => &["q=acme&health=failing&limit=9"],
        "CctrayFeed" => &["q=acme"],
        "CctrayFeedOfRepository" => &["ref=other"],
        "AtomFeed" => &["health=failing&limit=5&language=zh"],
        "AtomFeedOfRepository" => &["ref=main&status=failed&before=100&limit=5"],
        "PagePipelines" => {
            &["status=failed", "ref=other&q=other&source=external&sha=1c46&limit=10", "before=100"]
        }
        "PagePipeline" => &["stage=1"],
        "PageCommit" => &["before=100", "target=main"],
        "PageMergeRequests" => &["before=1000000&limit=10"],
        "PageDestination" => &["progress=pending", "before=1000000000"],
        "PageGateBadge" => &["ref=main&target=other", "sha=1c46c505c84853887efe2ea9ea02a1333bae2237"],
        "AuditLog" => &[
            "actor=root&action=user&object=user:root&repository=7&address=192.0.2.1&kind=change&before=9&limit=5",
            "since=2026-11-23T00:00:00Z&until=2026-12-24T00:00:00Z",
        ],
        "RepositoryAuditLog" => &[
            "actor=root&action=user&object=user:root&address=192.0.2.1&kind=change&before=9&limit=5",
            "since=2026-11-23T00:00:00Z&until=2026-12-24T00:00:00Z",
        ],
        "PageAuditLog" => &["kind=change&action=user.create&actor=root&before=9"],
        "PageInsights" => &["days=7&ref=main&sort=name"],
        "PageBadge" => &["ref=main", "ref=other"],
        _ => &[],
    }
}
