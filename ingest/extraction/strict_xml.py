"""XML that expands nothing, fetches nothing, and has no namespaces to stumble over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ingest.cleaning import clean_name
from ingest.errors import UnreadableInput

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

# What lxml's parsers are told, whichever of them reads.
STRICT: Final = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
_XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"


def parse_xml(content: bytes) -> Element:
    """The root, every name in it without its namespace. Raises UnreadableInput."""
    from lxml import etree

    parser = etree.XMLParser(**STRICT, collect_ids=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableInput(f"is not well-formed XML: {clean_name(str(error))}") from error
    for element in root.iter(etree.Element):
        element.tag = element.tag.rpartition("}")[2]
    return root


def read_string(element: Element, *paths: str) -> str | None:
    """The words at the first of these paths that has any."""
    for path in paths:
        for found in element.xpath(path, namespaces={"xml": _XML_NAMESPACE}):
            text = found if isinstance(found, str) else "".join(found.itertext())
            if name := clean_name(str(text)):
                return name
    return None
