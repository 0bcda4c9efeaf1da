// The environment variables of a sample, for users on any machine.

import { shell as quote } from "./quote.js";
import { endpoint } from "./request.js";

/** The lines for a shell. `kind` is that of the sample; `words` are the placeholders of the credentials. */
export function environment(kind, operation, settings, words) {
  const keys = [line("CLOUD_SDK_AK", `<${words.ak}>`), line("CLOUD_SDK_SK", `<${words.sk}>`)];
  switch (kind) {
    case "sdk":
    case "untried": {
      const server = endpoint(settings);
      const region = settings.region.toUpperCase().replaceAll("-", "_");
      return [
        line("HUAWEICLOUD_SDK_IAM_ENDPOINT", server),
        line(`HUAWEICLOUD_SDK_REGION_${settings.package.toUpperCase()}_${region}`, server),
        ...keys,
      ].join("\n");
    }
    case "signed":
      return keys.join("\n");
    case "http":
      return operation.anonymous ? "" : line("TOKEN", `<${words.token}>`);
    default:
      return line("STAGEPOST_TOKEN", `<${words.token}>`);
  }
}

const line = (name, value) => `export ${name}=${quote(value)}`;
