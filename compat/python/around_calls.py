"""Calls around pipelines: merge requests, commits, branches and tags, members, and the id of a repository."""

import datetime
import os
import tempfile
import unittest
from unittest import mock

import around_pipelines
import context
import huaweicloudsdkcodeartsrepo.v3 as codeartsrepo_v3
import huaweicloudsdkcodeartsrepo.v4 as codeartsrepo
import huaweicloudsdkcodehub.v3 as codehub_v3
import huaweicloudsdkcodehub.v4 as codehub
import native_api
from around_pipelines import GREEN, GROUP, ID, NAME, RED, WAITING, A, B
from huaweicloudsdkcodeartsrepo.v3.region.codeartsrepo_region import CodeArtsRepoRegion as CodeArtsRepoRegionV3
from huaweicloudsdkcodeartsrepo.v4.region.codeartsrepo_region import CodeArtsRepoRegion
from huaweicloudsdkcodehub.v3.region.codehub_region import CodeHubRegion as CodeHubRegionV3
from huaweicloudsdkcodehub.v4.region.codehub_region import CodeHubRegion
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions import exceptions

UNKNOWN = 2147483647


class AroundCalls:
    """The tests; once for each package."""

    sdk, client_class, region = None, None, None
    sdk_v3, client_class_v3, region_v3 = None, None, None

    @classmethod
    def setUpClass(cls):
        home = tempfile.TemporaryDirectory()
        cls.addClassCleanup(home.cleanup)
        settings = context.server.sdk_environment("https") | {"HOME": home.name}
        patched = mock.patch.dict(os.environ, settings)
        patched.start()
        cls.addClassCleanup(patched.stop)
        around_pipelines.prepare(context.server)
        cls.client = cls.connect(cls.client_class, cls.region)
        cls.client_v3 = cls.connect(cls.client_class_v3, cls.region_v3)

    @staticmethod
    def connect(client, region):
        credentials = BasicCredentials(context.server.ak, context.server.sk)
        return client.new_builder().with_credentials(credentials).with_region(region.value_of("cn-north-4")).build()

    def refused(self, status, code, call):
        with self.assertRaises(exceptions.ClientRequestException) as caught:
            call()
        self.assertEqual((caught.exception.status_code, caught.exception.error_code), (status, code))
        return caught.exception.error_msg

    # Merge requests

    def test_mergeable_state(self):
        def state(iid):
            request = self.sdk.ShowMergeableStateOuterRequest(repository_id=ID, merge_request_iid=iid)
            return self.client.show_mergeable_state_outer(request)

        for iid, passed in ((GREEN, True), (RED, False), (WAITING, False)):
            found = state(iid)
            self.assertEqual(found.merge_request_id, iid)
            self.assertIs(found.ci_state_passed, passed)
            self.assertIs(found.state, passed)
            self.assertIs(found.conflict_passed, True)
            self.assertIs(found.can_force_merge, False)
        self.assertIn("MR信息未找到", self.refused(404, "CH.000404", lambda: state(UNKNOWN)))

    def test_list_of_a_repository(self):
        def listed(**query):
            request = self.sdk.ListRepositoryMergeRequestsRequest(repository_id=ID, **query)
            response = self.client.list_repository_merge_requests(request)
            return [(found.iid, found.pipeline_status) for found in response.body or []]

        self.assertEqual(listed(), [(WAITING, None), (RED, "failed"), (GREEN, "success")])
        self.assertEqual(listed(source_branch="fix", state="opened"), [(RED, "failed")])
        self.assertEqual(listed(sort="asc", order_by="updated_at", limit=1), [(GREEN, "success")])
        self.assertEqual(listed(state="merged"), [])
        self.assertEqual(listed(only_count=True), [])

    def test_personal_list(self):
        yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
        request = self.sdk.ListPersonalMergeRequestsRequest(
            scope="all", source_branch="fix", view="simple", created_after=yesterday
        )
        (found,) = self.client.list_personal_merge_requests(request).body
        self.assertEqual((found.iid, found.source_repository_id, found.state), (RED, ID, "opened"))
        self.assertEqual(found.target_repository.path_with_namespace, f"{GROUP}/{NAME}")

    def test_merge_request(self):
        request = self.sdk.ShowMergeRequestDetailRequest(repository_id=ID, merge_request_iid=GREEN)
        found = self.client.show_merge_request_detail(request)
        self.assertEqual((found.id, found.iid, found.repository_id), (GREEN, GREEN, ID))
        self.assertEqual((found.source_branch, found.target_branch, found.sha), ("feature", "main", A))
        self.assertEqual((found.state, found.merge_status, found.title), ("opened", "unchecked", ""))
        self.assertIs(found.merge_when_build_succeeds, False)
        self.assertIsNone(found.author)

    def test_merge_requests_of_a_commit(self):
        request = self.sdk.ListCommitAssociatedMergeRequestsRequest(repository_id=ID, sha=B, limit=5)
        response = self.client.list_commit_associated_merge_requests(request)
        self.assertEqual([(found.iid, found.sha) for found in response.body], [(RED, B)])

    def test_approver_settings(self):
        request = self.sdk.ListMergeRequestApproverSettingsRequest(repository_id=ID, target_type="branch")
        self.assertIsNone(self.client.list_merge_request_approver_settings(request).body)

    # Commits, branches and tags

    def test_commit(self):
        def commit(named):
            return self.client.show_commit(self.sdk.ShowCommitRequest(repository_id=ID, sha=named, stats=True))

        found = commit("fix")
        self.assertEqual((found.id, found.short_id, found.status, found.project_id), (B, B[:8], "failed", ID))
        self.assertEqual((found.last_pipeline.ref, found.last_pipeline.sha), ("fix", B))
        self.assertEqual(found.merge_request.iid, RED)
        self.assertIsNone(found.author_name)
        self.assertEqual(commit("v1").id, A)
        self.assertIsNone(commit("d" * 40).status)
        self.refused(404, "CH.000404", lambda: commit("no-such-branch"))

    def test_branches(self):
        request = self.sdk.ListBranchesRequest(repository_id=ID, sort="updated_desc", view="simple")
        response = self.client.list_branches(request)
        self.assertEqual([found.name for found in response.body], ["fix", "feature", "main"])
        self.assertEqual([found.default for found in response.body], [False, False, True])
        self.assertEqual(response.x_total, "3")
        shown = self.client.show_branch(self.sdk.ShowBranchRequest(repository_id=ID, branch_name="fix"))
        self.assertEqual((shown.name, shown.commit.id), ("fix", B))
        self.assertIs(shown.can_push, False)
        unknown = self.sdk.ShowBranchRequest(repository_id=ID, branch_name="unknown")
        self.refused(404, "CH.000404", lambda: self.client.show_branch(unknown))

    def test_tags(self):
        response = self.client.list_tags(self.sdk.ListTagsRequest(repository_id=ID, search="v", order_by="name"))
        self.assertEqual([(found.name, found.target) for found in response.body], [("v1", A)])
        self.assertEqual(response.x_total, "1")
        shown = self.client.show_tag(self.sdk.ShowTagRequest(repository_id=ID, tag_name="v1"))
        self.assertEqual((shown.name, shown.target, shown.commit.id), ("v1", A, A))

    def test_names_of_refs(self):
        def names(kind):
            return self.client.list_refs_list(self.sdk.ListRefsListRequest(repository_id=ID, type=kind)).body

        self.assertEqual(names("branch"), ["feature", "fix", "main"])
        self.assertEqual(names("tag"), ["v1"])
        of_commit = self.sdk.ListCommitAssociatedRefsRequest(repository_id=ID, sha=A, limit=2)
        self.assertEqual(self.client.list_commit_associated_refs(of_commit).body, ["feature", "main"])

    # Members and names

    def test_members(self):
        response = self.client.list_members(self.sdk.ListMembersRequest(repository_id=ID, search=context.server.user))
        (found,) = response.body
        self.assertEqual((found.user_name, found.repository_role_name), (context.server.user, "manage"))
        self.assertEqual((found.repository_role_id, found.is_repo_creator, response.x_total), ("40", 1, "1"))

    def test_id_by_names(self):
        def by(group):
            return self.client_v3.show_repo_id(self.sdk_v3.ShowRepoIdRequest(group_name=group, repository_name=NAME))

        found = by(GROUP)
        self.assertEqual((found.result, found.status), (ID, "success"))
        self.refused(404, "CH.010117", lambda: by("unknown"))


class CodeHub(AroundCalls, unittest.TestCase):
    sdk, client_class, region = codehub, codehub.CodeHubClient, CodeHubRegion
    sdk_v3, client_class_v3, region_v3 = codehub_v3, codehub_v3.CodeHubClient, CodeHubRegionV3


class CodeArtsRepo(AroundCalls, unittest.TestCase):
    sdk, client_class, region = codeartsrepo, codeartsrepo.CodeArtsRepoClient, CodeArtsRepoRegion
    sdk_v3, client_class_v3, region_v3 = codeartsrepo_v3, codeartsrepo_v3.CodeArtsRepoClient, CodeArtsRepoRegionV3

    def test_list_of_a_project(self):
        project = native_api.get(context.server, f"/native/v1/repositories/{ID}")["project_id"]
        request = self.sdk.ListProjectMergeRequestsRequest(project_id=project, search="feat")
        (found,) = self.client.list_project_merge_requests(request).body
        self.assertEqual((found.iid, found.pipeline_status), (GREEN, "success"))
        self.assertEqual(found.source_product_id, project)

    def test_total_of_a_commit(self):
        request = self.sdk.ListCommitAssociatedMergeRequestsRequest(repository_id=ID, sha=B)
        self.assertEqual(self.client.list_commit_associated_merge_requests(request).x_total, "1")
