// Times as the server writes them: 2025-05-17 11:02:25 +08:00.

/** A time in a zone: an IANA name, UTC, or an offset such as +08:00. In UTC if the browser does not know the zone. */
export function absolute(at, zone) {
  const options = { hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit" };
  Object.assign(options, { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "longOffset" });
  let format;
  try {
    format = new Intl.DateTimeFormat("en", { ...options, timeZone: zone });
  } catch {
    format = new Intl.DateTimeFormat("en", { ...options, timeZone: "UTC" });
  }
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const offset = part.timeZoneName.replace("GMT", "") || "UTC";
  return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}:${part.second} ${offset}`;
}
