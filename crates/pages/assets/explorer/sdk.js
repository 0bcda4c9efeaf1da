// The operations of the official SDKs of CodeArts Repo, with the names of the SDKs.

// Operations with another name in the SDKs.
const RENAMED = { ListProjectRepositoriesV2: "ShowAllRepositoryByTwoProjectId" };

const V3 = [
  "CreateRepository",
  "ShowHasPipeline",
  "ShowRepositoryByUuid",
  "ListUserAllRepositories",
  "ListProjectRepositoriesV2",
  "ShowRepoId",
];
const V4 = [
  "ListPipelineJobs",
  "ListLatestPipelineJobs",
  "ShowActualHeadPipeline",
  "ListCurrentUserRepositories",
  "ListProjectRepositories",
  "ShowRepository",
  "ListRepositoryMergeRequests",
  "ListProjectMergeRequests",
  "ListCommitAssociatedMergeRequests",
  "ShowMergeRequestDetail",
  "ShowMergeableStateOuter",
  "ListMergeRequestApproverSettings",
  "ShowCommit",
  "ListBranches",
  "ShowBranch",
  "ListTags",
  "ShowTag",
  "ListRefsList",
  "ListMembers",
];
// Not in V4: ListPersonalMergeRequests, whose times have types of their own, and ListCommitAssociatedRefs, whose
// parameter `type` only the package with the present name has.
// Operations that the package with the former name does not have.
const RENAMED_PACKAGE_ONLY = ["ListProjectMergeRequests"];
const BODIES = {
  CreateRepository: {
    type: "CreateRepoRequest",
    required: ["name", "project_uuid"],
    fields: {
      name: "string",
      project_uuid: "string",
      description: "string",
      visibility_level: "integer",
      import_members: "integer",
      template_id: "string",
      import_url: "string",
      gitignore_id: "string",
      license_id: "integer",
      enable_readme: "integer",
      caller: "string",
    },
  },
};

export const pascal = (name) => name.replace(/(^|[_-])([a-z])/g, (_, __, c) => c.toUpperCase());
export const camel = (name) => name.replace(/[_-]([a-z])/g, (_, c) => c.toUpperCase());
export const snake = (name) => name.replace(/(?!^)([A-Z])/g, "_$1").toLowerCase();

const PACKAGES = {
  codehub: { package: "codehub", client: "CodeHub" },
  codeartsrepo: { package: "codeartsrepo", client: "CodeArtsRepo" },
};

// How an SDK calls the operation; null if no SDK has it.
export function sdk(operation, settings) {
  if (!operation.dialect.startsWith("codearts")) return null;
  const version = V4.includes(operation.id) ? "v4" : V3.includes(operation.id) ? "v3" : null;
  if (!version) return null;
  if (RENAMED_PACKAGE_ONLY.includes(operation.id) && settings.package !== "codeartsrepo") return null;
  const name = RENAMED[operation.id] ?? operation.id;
  return { ...(PACKAGES[settings.package] ?? PACKAGES.codehub), version, name, body: BODIES[operation.id] ?? null };
}

// The fields of the body that the SDK has; null without a body.
export function bodyFields(call, text) {
  if (!call.body) return null;
  let typed = {};
  try {
    typed = JSON.parse(text ?? "{}") ?? {};
  } catch {
    // The required fields become placeholders.
  }
  const fields = [];
  for (const [name, type] of Object.entries(call.body.fields)) {
    // A placeholder is no value.
    const fits =
      typed[name] === `{${name}}`
        ? false
        : type === "integer"
          ? Number.isInteger(typed[name]) && Math.abs(typed[name]) <= 2147483647
          : typeof typed[name] === "string";
    const required = call.body.required.includes(name);
    if (fits || required) fields.push({ name, type, required, value: fits ? typed[name] : null });
  }
  return fields;
}

// The comments about the access key in the samples of the documentation.
export const STORED = [
  "The AK and SK used for authentication are hard-coded or stored in plaintext, which has great security risks. It is recommended that the AK and SK be stored in ciphertext in configuration files or environment variables and decrypted during use to ensure security.",
  "In this example, AK and SK are stored in environment variables for authentication. Before running this example, set environment variables CLOUD_SDK_AK and CLOUD_SDK_SK in the local environment",
];
