// What Thunderbird's parser makes of an iCalendar file on standard input, as JSON.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));

const time = (component, name) => component.getFirstPropertyValue(name)?.toString() ?? null;

// When an alarm rings, in seconds before (-) or after its event starts, or its task is due.
function rings(alarm) {
  const trigger = alarm.getFirstProperty("trigger");
  return { seconds: trigger.getFirstValue().toSeconds(), related: trigger.getParameter("related") ?? "START" };
}

function shown(component) {
  return {
    kind: component.name,
    uid: component.getFirstPropertyValue("uid"),
    sequence: component.getFirstPropertyValue("sequence"),
    summary: component.getFirstPropertyValue("summary"),
    description: component.getFirstPropertyValue("description"),
    status: component.getFirstPropertyValue("status"),
    start: time(component, "dtstart"),
    due: time(component, "due"),
    modified: time(component, "last-modified"),
    alarms: component.getAllSubcomponents("valarm").map(rings),
  };
}

const answer = {
  name: calendar.getFirstPropertyValue("name"),
  refresh: calendar.getFirstPropertyValue("refresh-interval")?.toString() ?? null,
  entries: [...calendar.getAllSubcomponents("vevent"), ...calendar.getAllSubcomponents("vtodo")].map(shown),
};
process.stdout.write(JSON.stringify(answer));
