// Says that the first report was received, as soon as the server has it.

import { follow } from "./stream.js";

const notice = document.getElementById("first-report");
const { base } = document.documentElement.dataset;

if (notice && "waiting" in notice.dataset) {
  const { repository, received, pipeline: title } = notice.dataset;
  const pipelines = `${base}/repositories/${repository}/pipelines`;
  const show = (id) => {
    stop();
    const link = Object.assign(document.createElement("a"), {
      href: `${pipelines}/${id}`,
      textContent: title.replace("{0}", id),
    });
    notice.className = "notice good";
    notice.replaceChildren(`${received} · `, link);
  };
  const stop = follow(
    `${base}/native/v1/events?repository=${repository}`,
    (_, { pipeline }) => pipeline && show(pipeline.id),
    async (live) => {
      if (!live) return;
      // What was reported before the stream started.
      const response = await fetch(`${pipelines}.json?limit=1`, { cache: "no-store" });
      const [first] = response.ok ? (await response.json()).pipelines : [];
      if (first) show(first.id);
    },
  );
}
