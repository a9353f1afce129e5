// Command mibbench compares the SNMP agent with net-snmp's snmpd and with
// GoSNMPServer: `make bench-snmp` writes docs/bench-snmp.md by it.
//
// All three serve the same objects: mibbench starts our agent with a table of
// credentials, walks it, and gives the others the same names, types and values
// (snmpd by its override directive, and by a module of one table that is compiled
// for it, testdata/table.c). One generator asks all of them with the
// same requests, encoded beforehand, several outstanding; the turns of the
// agents alternate. The processor time of an agent is what the kernel says in
// /proc/PID/stat.
//
// It imports the packages of agent/snmp that make messages, and mib;
// echo.go measures what several datagrams per system call are worth.
//
// GoSNMPServer, the baseline, is imported here and nowhere in the product,
// and runs as a process of its own: mibbench starts itself. Everything runs
// in one goroutine, but the children. Start reading at main.go.
package main
