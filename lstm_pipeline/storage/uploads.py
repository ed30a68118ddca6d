"""A publication in a bucket: parts first, the manifest last, and who has the manifest's key owns the parts.

A bucket cannot rename a folder into its place, nor change two objects at once. What makes it safe:

- Everybody creates parts and the manifest, and nobody replaces them: of two publishers one gets the key of
  the manifest, and parts that both made with the same bytes fit either.
- A part that stands there with other bytes, without a manifest, is of a writer that died or of one that is
  slow, and no clock tells which. To replace it only if it has not changed would not do: the slow one could
  put its manifest between the look and the replacement. So whoever wants to replace parts first takes the
  manifest's key with a fence, which readers take for nothing there. From then on the slow one's manifest is
  refused, and it waits. A publisher never removes a fence, but replaces it by its manifest, if it is its own.
- The fence of a holder that died is replaced by one that has watched it for as long as an upload takes.
- A winner looks once more at its parts and puts back its own: a collection of garbage may have met them
  before it had won.

Left is a holder that stood still between two requests for all that time, was replaced, and then goes on with
one replacement: the next reader refuses that part by its sha256.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

from lstm_pipeline.storage.objects import Objects, upload_seconds
from lstm_pipeline.storage.place import refuse_strangers

FENCE = b"\0being replaced by "
"""How the content of a fence begins, and of nothing else that is kept."""
FENCE_SECONDS = 20.0
"""How long a fence is left alone, beside the time that an upload of our size may take."""
LOOK_SECONDS = 0.1
"""Between two looks at another's fence."""


def is_fence(data: bytes) -> bool:
    """Whether a content says that its object does not exist yet."""
    return data.startswith(FENCE)


def new_fence() -> bytes:
    """A fence like no other."""
    return FENCE + secrets.token_hex(16).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A folder of files on its way into a bucket."""

    objects: Objects
    folder: str
    parts: Mapping[str, bytes]
    manifest: bytes
    last: str
    """The manifest's name."""

    def publish(self) -> bool:
        """Put all of it; False where a manifest is there.

        Raises:
            BrokenArtifact: something lies there that no publisher has left.
        """
        standing = self.objects.get(self._key(self.last))
        if standing is not None and not is_fence(standing.data):
            return False
        self._refuse_strangers()
        tags = self._created()
        if tags is not None:
            mine = self.objects.create(self._key(self.last), self.manifest)
            if mine is not None:
                self._settle(tags, mine)
                return True
        return self._publish_behind_fence()

    def _key(self, name: str) -> str:
        return f"{self.folder}/{name}"

    def _refuse_strangers(self) -> None:
        known = {self._key(name) for name in (*self.parts, self.last)}
        strange = self.objects.list(self.folder).keys() - known
        names = (key.removeprefix(f"{self.folder}/").split("/")[0] for key in strange)
        refuse_strangers(self.objects.uri(self.folder), names, {*self.parts, self.last})

    def _created(self) -> dict[str, str] | None:
        """Put each part where none is; the e_tags by name, or None where one has other bytes."""
        tags: dict[str, str] = {}
        for name, data in self.parts.items():
            tag = self.objects.create(self._key(name), data)
            if tag is None:
                found = self.objects.get(self._key(name))
                if found is None or found.data != data:
                    return None
                tag = found.e_tag
            tags[name] = tag
        return tags

    def _publish_behind_fence(self) -> bool:
        while (fence := self._fenced()) is not None:
            tags = {name: self._replaced(name, data, fence) for name, data in self.parts.items()}
            mine = self.objects.swap(self._key(self.last), self.manifest, fence)
            if mine is not None:
                self._settle(tags, mine)
                return True
        return False

    def _fenced(self) -> str | None:
        """Take the manifest's key; the fence's e_tag, or None where a manifest is there by now."""
        key, fence, seen, since = self._key(self.last), new_fence(), None, 0.0
        patience = FENCE_SECONDS + upload_seconds(sum(map(len, self.parts.values())))
        while (mine := self.objects.create(key, fence)) is None:
            standing = self.objects.get(key)
            if standing is not None and not is_fence(standing.data):
                return None
            if standing is None or standing.e_tag != seen:
                seen, since = standing and standing.e_tag, time.monotonic()
            elif time.monotonic() - since > patience:
                mine = self.objects.swap(key, fence, standing.e_tag)
                if mine is not None:
                    return mine
            time.sleep(LOOK_SECONDS)
        return mine

    def _replaced(self, name: str, data: bytes, fence: str) -> str:
        """Put a part, whatever stands there, as long as the fence is ours; its e_tag."""
        key, tag = self._key(name), None
        while tag is None:
            found = self.objects.get(key)
            if found is None:
                tag = self.objects.create(key, data)
            elif found.data == data or not self._holds(fence):
                # without the fence whose part it is does not matter: the manifest will be refused
                tag = found.e_tag
            else:
                tag = self.objects.swap(key, data, found.e_tag)
        return tag

    def _holds(self, tag: str) -> bool:
        """Whether the manifest's key still has what we put there."""
        standing = self.objects.get(self._key(self.last))
        return standing is not None and standing.e_tag == tag

    def _settle(self, tags: Mapping[str, str], mine: str) -> None:
        """See that the parts of what we have published are ours."""
        standing = self.objects.list(self.folder)
        for name, tag in tags.items():
            if standing.get(self._key(name)) != tag:
                self._replaced(name, self.parts[name], mine)
