// Times in Go's layout notation, where a layout shows how 2006-01-02 15:04:05 would look (Go's time package, "Layout").
// Always UTC, which is all that template calls offer.

const months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** The layout that `isotime` uses by itself: RFC 3339. */
export const RFC3339 = "2006-01-02T15:04:05Z07:00";

// Longer elements stand before those they start with. `Jan` and `_2` are parts of words in some places: see `isElement`.
const element =
  /January|Jan|Monday|Mon|MST|01|02|03|04|05|06|002|2006|15|PM|pm|__2|_2006|_2|-07:00:00|-07:00|-070000|-0700|-07|Z07:00:00|Z07:00|Z070000|Z0700|Z07|[.,]0+(?!\d)|[.,]9+(?!\d)|[12345]/g;

/** Formats a time by a Go layout. `milliseconds` count from 1970. */
export function formatGoTime(milliseconds: number, layout: string): string {
  const time = new Date(milliseconds);
  return layout.replace(element, (found, offset: number) => {
    // "Jan" and "Mon" are names only where no lower-case letter follows: "Month" is text.
    if ((found === "Jan" || found === "Mon") && /[a-z]/.test(layout[offset + 3] ?? "")) return found;
    return formatElement(time, found);
  });
}

// --- internal ---

function formatElement(time: Date, found: string): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const hour12 = time.getUTCHours() % 12 || 12;
  switch (found) {
    case "January":
      return months[time.getUTCMonth()] ?? "";
    case "Jan":
      return (months[time.getUTCMonth()] ?? "").slice(0, 3);
    case "1":
      return String(time.getUTCMonth() + 1);
    case "01":
      return two(time.getUTCMonth() + 1);
    case "Monday":
      return days[time.getUTCDay()] ?? "";
    case "Mon":
      return (days[time.getUTCDay()] ?? "").slice(0, 3);
    case "2":
      return String(time.getUTCDate());
    case "_2":
      return String(time.getUTCDate()).padStart(2);
    case "02":
      return two(time.getUTCDate());
    case "002":
      return String(dayOfYear(time)).padStart(3, "0");
    case "__2":
      return String(dayOfYear(time)).padStart(3);
    case "15":
      return two(time.getUTCHours());
    case "3":
      return String(hour12);
    case "03":
      return two(hour12);
    case "4":
      return String(time.getUTCMinutes());
    case "04":
      return two(time.getUTCMinutes());
    case "5":
      return String(time.getUTCSeconds());
    case "05":
      return two(time.getUTCSeconds());
    case "2006":
      return String(time.getUTCFullYear()).padStart(4, "0");
    case "_2006":
      return `_${String(time.getUTCFullYear()).padStart(4, "0")}`;
    case "06":
      return two(time.getUTCFullYear() % 100);
    case "PM":
      return time.getUTCHours() < 12 ? "AM" : "PM";
    case "pm":
      return time.getUTCHours() < 12 ? "am" : "pm";
    case "MST":
      return "UTC";
    default:
      if (found.startsWith("Z")) return "Z";
      if (found.startsWith("-")) return found.replaceAll("7", "0").replace("-", "+");
      return fraction(time, found);
  }
}

function dayOfYear(time: Date): number {
  return Math.floor(
    (Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate()) - Date.UTC(time.getUTCFullYear(), 0, 0)) / 86_400_000,
  );
}

/** `.000` prints the digits, `.999` leaves zeros at the end out (and the point with them). */
function fraction(time: Date, found: string): string {
  const digits = found.length - 1;
  const value = String(time.getUTCMilliseconds()).padStart(3, "0").padEnd(digits, "0").slice(0, digits);
  if (found.endsWith("0")) return found.charAt(0) + value;
  const short = value.replace(/0+$/, "");
  return short === "" ? "" : found.charAt(0) + short;
}
