"""OpenStack Swift with its S3 door, all four servers in this one process: `python swift_program.py DIRECTORY PID`.

Everything it keeps is in DIRECTORY, which says `ready` with the port once it answers; it ends when process PID does. No memcached, no syslog.
"""

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import eventlet

eventlet.monkey_patch(thread=False)

from eventlet import wsgi  # noqa: E402
from swift.common import utils  # noqa: E402

SWIFT = "[swift-hash]\nswift_hash_path_suffix = tests\n"
DEFAULT = "[DEFAULT]\nswift_dir = {swift}\ndevices = {swift}/devices\nmount_check = false\nfallocate_reserve = 0\ndisable_fallocate = true\n"
BACKEND = DEFAULT + "[pipeline:main]\npipeline = {kind}-server\n[app:{kind}-server]\nuse = egg:swift#{kind}\nreplication_server = false\n"
PROXY = (
    DEFAULT
    + """[pipeline:main]
pipeline = catch_errors gatekeeper s3api tempauth bulk slo container-quotas proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
s3_acl = false
[filter:tempauth]
use = egg:swift#tempauth
user_alur_office = {secret} .admin
user_alur_stranger = {secret}
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
[filter:container-quotas]
use = egg:swift#container_quotas
"""
)
BUCKETS: dict[str, dict[str, str]] = {"documents": {}, "full": {"X-Container-Meta-Quota-Bytes": "10"}}
"""`full` takes ten bytes and no more."""

KINDS = ("account", "container", "object")


def main(swift: Path, watched: int, secret: str) -> None:
    (swift / "devices" / "d1").mkdir(parents=True)
    (swift / "swift.conf").write_text(SWIFT)
    utils.set_swift_dir(str(swift))
    utils.validate_hash_conf()
    listeners = {kind: eventlet.listen(("127.0.0.1", 0)) for kind in (*KINDS, "proxy")}
    for kind in KINDS:
        _ring(swift, kind, listeners[kind].getsockname()[1])
    for kind, listener in listeners.items():
        configuration = swift / f"{kind}.conf"
        configuration.write_text((PROXY if kind == "proxy" else BACKEND).format(swift=swift, kind=kind, secret=secret))
        application = _application(configuration)
        eventlet.spawn(_serve, listener, application)
    for bucket, headers in BUCKETS.items():
        _make(application, bucket, headers)
    (swift / "port").write_text(str(listeners["proxy"].getsockname()[1]))
    (swift / "port").rename(swift / "ready")
    while _alive(watched) and swift.exists():
        eventlet.sleep(0.5)


def _ring(swift: Path, kind: str, port: int) -> None:
    """16 partitions, 1 copy, 1 device."""
    from swift.common.ring import RingBuilder  # noqa: PLC0415 - reads the configuration

    builder = RingBuilder(4, 1, 0)
    device = {"region": 1, "zone": 1, "ip": "127.0.0.1", "port": port, "device": "d1", "weight": 1.0, "meta": ""}
    builder.add_dev({**device, "replication_ip": "127.0.0.1", "replication_port": port})
    builder.rebalance(seed=1)
    builder.get_ring().save(str(swift / f"{kind}.ring.gz"))


def _application(configuration: Path) -> Callable[..., object]:
    from swift.common.wsgi import loadapp  # noqa: PLC0415 - reads the configuration

    made: Callable[..., object] = loadapp(str(configuration))
    return made


def _make(proxy: Callable[..., object], bucket: str, headers: dict[str, str]) -> None:
    """As the owner would; S3 itself could not say the quota."""
    from swift.common.wsgi import make_pre_authed_request  # noqa: PLC0415 - reads the configuration

    answer = make_pre_authed_request({}, "PUT", f"/v1/AUTH_alur/{bucket}", headers=headers).get_response(proxy)
    if not answer.is_success:
        raise RuntimeError(f"{bucket}: {answer.status}")


def _serve(listener: socket.socket, application: Callable[..., object]) -> None:
    from swift.common.http_protocol import SwiftHttpProtocol  # noqa: PLC0415 - reads the configuration

    wsgi.server(listener, application, log_output=False, protocol=SwiftHttpProtocol, custom_pool=eventlet.GreenPool(256))


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
