#!/usr/bin/python3
"""Receives notifications by pysnmp.

    pysnmp_receiver.py PORT SENDER

The community is public, the user admin with SHA-256 and AES-128; SENDER is the
engine ID of who sends traps, in hexadecimal. It prints "ready", then a line
"VERSION KIND OID" for every notification until standard input ends.
"""
import sys
import threading

from pysnmp.carrier.asyncore.dgram import udp
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import ntfrcv
from pysnmp.proto import rfc1905
from pysnmp.proto.api import v2c

TRAP_OID = v2c.apiTrapPDU.snmpTrapOID
VERSIONS = {1: "v1", 2: "v2c", 3: "v3"}
KEYS = (config.usmHMAC192SHA256AuthProtocol, "correct horse", config.usmAesCfb128Protocol, "correct horse")

last = {}


def seen(_, point, variables, context):
    last["version"] = VERSIONS[variables["securityModel"]]
    last["kind"] = "inform" if variables["pdu"].tagSet == rfc1905.InformRequestPDU.tagSet else "trap"


def received(_, reference, context_engine, context_name, varbinds, context):
    oid = [value for name, value in varbinds if name == TRAP_OID]
    print(last["version"], last["kind"], *oid, flush=True)


def main(port, sender):
    snmp = engine.SnmpEngine()
    config.addTransport(snmp, udp.domainName, udp.UdpTransport().openServerMode(("127.0.0.1", int(port))))
    config.addV1System(snmp, "all", "public")
    config.addV3User(snmp, "admin", *KEYS)  # of informs: the engine is ours
    config.addV3User(snmp, "admin", *KEYS, securityEngineId=v2c.OctetString(hexValue=sender))
    snmp.observer.registerObserver(seen, "rfc3412.receiveMessage:request")
    ntfrcv.NotificationReceiver(snmp, received)
    snmp.transportDispatcher.jobStarted(1)
    threading.Thread(target=lambda: (sys.stdin.read(), snmp.transportDispatcher.jobFinished(1)), daemon=True).start()
    print("ready", flush=True)
    snmp.transportDispatcher.runDispatcher(timeout=0.1)


main(*sys.argv[1:])
