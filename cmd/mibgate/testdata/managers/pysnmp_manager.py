#!/usr/bin/python3
"""Walks an agent by pysnmp, sets a string and reads it again.

    pysnmp_manager.py PORT VERSION AUTH PRIV OID VALUE

VERSION is v1, v2c (community public) or v3 (user admin). It prints a line
"walk OID" for every instance, as they come, then "get VALUE".
"""
import sys

from pyasn1.type import univ
from pysnmp import hlapi

AUTH = {
    "md5": hlapi.usmHMACMD5AuthProtocol,
    "sha1": hlapi.usmHMACSHAAuthProtocol,
    "sha256": hlapi.usmHMAC192SHA256AuthProtocol,
    "sha512": hlapi.usmHMAC384SHA512AuthProtocol,
}
PRIV = {
    "des": hlapi.usmDESPrivProtocol,
    "aes128": hlapi.usmAesCfb128Protocol,
    "aes192": hlapi.usmAesBlumenthalCfb192Protocol,
    "aes256": hlapi.usmAesBlumenthalCfb256Protocol,
}
PASSWORD = "correct horse"


def variable(oid, *value):
    return hlapi.ObjectType(hlapi.ObjectIdentity(oid), *value)


def check(answer):
    indication, status, index, varbinds = answer
    if indication or status:
        sys.exit("%s %s at %s" % (indication, status and status.prettyPrint(), index))
    return varbinds


def main(port, version, auth, priv, oid, value):
    if version == "v3":
        who = hlapi.UsmUserData("admin", PASSWORD, PASSWORD, authProtocol=AUTH[auth], privProtocol=PRIV[priv])
    else:
        who = hlapi.CommunityData("public", mpModel=0 if version == "v1" else 1)
    target = hlapi.UdpTransportTarget(("127.0.0.1", int(port)), timeout=10, retries=1)
    how = (hlapi.SnmpEngine(), who, target, hlapi.ContextData())

    if version == "v1":
        walk = hlapi.nextCmd(*how, variable("1.3"), lookupMib=False)
    else:
        walk = hlapi.bulkCmd(*how, 0, 20, variable("1.3"), lookupMib=False)
    last = None
    for answer in walk:
        varbinds = check(answer)
        if varbinds is last:  # by which pysnmp tells the end of a walk in v1
            break
        last = varbinds
        for name, found in varbinds:
            if not isinstance(found, univ.Null):  # endOfMibView
                print("walk", name)

    check(next(hlapi.setCmd(*how, variable(oid, hlapi.OctetString(value)), lookupMib=False)))
    ((_, got),) = check(next(hlapi.getCmd(*how, variable(oid), lookupMib=False)))
    print("get", bytes(got).decode())


main(*sys.argv[1:])
