/** Where one is: the part of the address behind `#`, so that any host of files serves every page. */
export type Route =
  | { view: "overview" | "review" | "log"; title: string }
  | { view: "vehicles"; title: string; text: string }
  | { view: "vehicle"; title: string; id: string };

/** What is no page of ours is the overview. */
export function readRoute(hash: string): Route {
  const [view = "", rest = ""] = hash.replace(/^#\/?/, "").split("/", 2);
  switch (view) {
    case "vehicles":
      return { view, title: "Vehicles", text: decoded(rest) };
    case "vehicle":
      return { view, title: "Vehicle", id: decoded(rest) };
    case "review":
      return { view, title: "Review" };
    case "log":
      return { view, title: "Log" };
    default:
      return { view: "overview", title: "Overview" };
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
