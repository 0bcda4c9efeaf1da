// The server and its credentials, which run.py passes.

const { env } = process;

export const server = env.STAGEPOST_SERVER;
export const host = new URL(server).host;
export const token = env.STAGEPOST_TOKEN;
export const user = env.STAGEPOST_USER;
export const password = env.STAGEPOST_PASSWORD;
export const link = env.STAGEPOST_LINK;
export const binary = env.STAGEPOST_BINARY;
export const configHome = env.STAGEPOST_CONFIG_HOME;
export const packages = env.PACKAGES;
export const screenshots = env.SCREENSHOTS;
