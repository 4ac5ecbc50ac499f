// The one place where elements are made. Text becomes text: nothing is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";
const DRAWN = ["svg", "g", "rect", "line", "path", "circle", "text", "title"];

/** Properties are attributes; functions are listeners (`onclick`); null and false are left out. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

export function button(text, onclick, properties = {}) {
  return make("button", { type: "button", onclick, ...properties }, text);
}

/** A link where the address is one of the web, else the text alone. */
export function link(text, address) {
  const safe = webAddress(address);
  return safe === null
    ? make("span", {}, text)
    : make("a", { href: safe, target: "_blank", rel: "noopener noreferrer" }, text);
}

/** A drawing that the server made of figures; of anything else, its text. */
export function readDrawing(svg) {
  const { documentElement: drawn } = new DOMParser().parseFromString(svg, "image/svg+xml");
  const plain = [drawn, ...drawn.querySelectorAll("*")].every(
    ({ namespaceURI, localName }) => namespaceURI === SVG && DRAWN.includes(localName),
  );
  return plain ? document.importNode(drawn, true) : make("span", {}, drawn.textContent);
}

export function webAddress(address) {
  try {
    const url = new URL(address);
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export function find(id) {
  return document.getElementById(id);
}
