import { describe, expect, it } from "vitest";
import { allowsSubpaths, containerIds } from "../../../../src/runtime/docker/reach/engine-folder.js";
import { volumePlace } from "../../../../src/runtime/docker/reach/folder-reach.js";

const ID = "4f2a".repeat(16);

describe("the container that this process runs in", () => {
  it.each([
    ["Docker", `612 600 8:1 /var/lib/docker/containers/${ID}/hostname /etc/hostname rw - ext4 /dev/sda1 rw`],
    [
      "Docker with its folder elsewhere",
      `612 600 8:1 /data/containers/${ID}/resolv.conf /etc/resolv.conf rw - xfs /dev/b rw`,
    ],
    [
      "Podman",
      `612 600 0:5 /containers/overlay-containers/${ID}/userdata/hosts /etc/hosts rw - tmpfs tmpfs rw`,
    ],
  ])("is known from what is mounted: %s", (_engine, line) => {
    expect(containerIds(`22 28 0:21 / /proc rw - proc proc rw\n${line}\n${line}`, "my-host")).toEqual([ID]);
  });

  it("is known from the host's name, unless that was chosen by a person", () => {
    expect(containerIds("", ID.slice(0, 12))).toEqual([ID.slice(0, 12)]);
    expect(containerIds("", "my-host")).toEqual([]);
  });
});

describe("a part of a volume", () => {
  it.each([
    ["1.41", false],
    ["1.44", false],
    ["1.45", true],
    ["1.50", true],
    ["2.0", true],
  ])("can be mounted by an engine of API %s: %s", (version, can) =>
    expect(allowsSubpaths(version)).toBe(can),
  );

  it("is all that a relay sees, where the engine can do that", () => {
    expect(volumePlace("sockets", "s/0a1b2c3d", true)).toEqual({
      mount: {
        Type: "volume",
        Source: "sockets",
        Target: "/run/relay",
        VolumeOptions: { NoCopy: true, Subpath: "s/0a1b2c3d" },
      },
      folder: "/run/relay",
    });
  });

  it("is a folder of what it sees, where the engine cannot", () => {
    const { mount, folder } = volumePlace("sockets", "s/0a1b2c3d", false);
    expect(mount).toMatchObject({ VolumeOptions: { NoCopy: true } });
    expect(mount).not.toHaveProperty("VolumeOptions.Subpath");
    expect(folder).toBe("/run/relay/s/0a1b2c3d");
  });
});
