/*
 * A module for net-snmp's snmpd (dlmod): one table that serves the objects of
 * the benchmark, by net-snmp's own table helper (tdata), with one registration.
 *
 * The objects are read from the file that MIBBENCH_OBJECTS names, a line each:
 * OID, s or i, value. The last sub-identifier of an OID is the index, the one
 * before it the column; the rest is the entry of the table.
 */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>

#define COLUMNS 8
#define LONGEST 256

struct cell {
	u_char type;
	long number;
	char text[LONGEST];
	size_t length;
	int is; /* there is one */
};

struct entry {
	struct cell cells[COLUMNS];
};

static unsigned int columns[COLUMNS];
static int column_count;
static netsnmp_column_info valid;

static int place_of(unsigned int column, int add)
{
	int i;
	for (i = 0; i < column_count; i++)
		if (columns[i] == column)
			return i;
	if (!add || column_count == COLUMNS)
		return -1;
	columns[column_count] = column;
	return column_count++;
}

static int handle(netsnmp_mib_handler *handler, netsnmp_handler_registration *reg,
	netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	netsnmp_request_info *r;
	(void)handler;
	(void)reg;
	for (r = requests; r; r = r->next) {
		struct entry *e;
		netsnmp_table_request_info *t;
		struct cell *c;
		int place;
		if (r->processed)
			continue;
		e = netsnmp_tdata_extract_entry(r);
		t = netsnmp_extract_table_info(r);
		place = t ? place_of(t->colnum, 0) : -1;
		c = e && place >= 0 ? &e->cells[place] : NULL;
		switch (info->mode) {
		case MODE_GET:
			if (!c || !c->is)
				netsnmp_set_request_error(info, r, SNMP_NOSUCHINSTANCE);
			else if (c->type == ASN_INTEGER)
				snmp_set_var_typed_integer(r->requestvb, ASN_INTEGER, c->number);
			else
				snmp_set_var_typed_value(r->requestvb, c->type, (u_char *)c->text, c->length);
			break;
		case MODE_SET_RESERVE1:
			if (!c || !c->is)
				netsnmp_set_request_error(info, r, SNMP_ERR_NOCREATION);
			else if (r->requestvb->type != c->type)
				netsnmp_set_request_error(info, r, SNMP_ERR_WRONGTYPE);
			else if (c->type != ASN_INTEGER && r->requestvb->val_len > LONGEST)
				netsnmp_set_request_error(info, r, SNMP_ERR_WRONGLENGTH);
			break;
		case MODE_SET_COMMIT:
			if (c->type == ASN_INTEGER) {
				c->number = *r->requestvb->val.integer;
			} else {
				c->length = r->requestvb->val_len;
				memcpy(c->text, r->requestvb->val.string, c->length);
			}
			break;
		}
	}
	return SNMP_ERR_NOERROR;
}

static struct entry *entry_of(netsnmp_tdata *table, long index)
{
	netsnmp_tdata_row *row, *old;
	struct entry *e;
	row = netsnmp_tdata_create_row();
	netsnmp_tdata_row_add_index(row, ASN_UNSIGNED, &index, sizeof index);
	old = netsnmp_tdata_row_get_byidx(table, row->indexes);
	if (old) {
		netsnmp_tdata_delete_row(row);
		return netsnmp_tdata_row_entry(old);
	}
	e = calloc(1, sizeof *e);
	row->data = e;
	netsnmp_tdata_add_row(table, row);
	return e;
}

void init_mibbench_table(void)
{
	oid base[MAX_OID_LEN], name[MAX_OID_LEN];
	size_t base_length = 0, length;
	char line[2 * LONGEST] = "."; /* or net-snmp takes an OID for one below mib-2 */
	netsnmp_tdata *table = netsnmp_tdata_create_table("mibbench", 0);
	netsnmp_table_registration_info *info = SNMP_MALLOC_TYPEDEF(netsnmp_table_registration_info);
	FILE *f = fopen(getenv("MIBBENCH_OBJECTS"), "r");
	int i, j;
	if (!f || !table || !info) {
		snmp_log(LOG_ERR, "mibbench: the objects cannot be read\n");
		exit(1);
	}
	while (fgets(line + 1, sizeof line - 1, f)) {
		char *kind = strchr(line, ' '), *text;
		struct cell *c;
		if (!kind)
			continue;
		*kind++ = 0;
		text = kind + 2;
		text[strcspn(text, "\n")] = 0;
		length = MAX_OID_LEN;
		if (!read_objid(line, name, &length) || length < 3)
			exit(1);
		base_length = length - 2;
		memcpy(base, name, base_length * sizeof *base);
		i = place_of(name[length - 2], 1);
		if (i < 0 || strlen(text) >= LONGEST)
			exit(1);
		c = &entry_of(table, name[length - 1])->cells[i];
		c->is = 1;
		c->type = *kind == 'i' ? ASN_INTEGER : ASN_OCTET_STR;
		c->number = atol(text);
		c->length = strlen(text);
		memcpy(c->text, text, c->length);
	}
	fclose(f);
	netsnmp_table_helper_add_indexes(info, ASN_UNSIGNED, 0);
	for (i = 0; i < column_count; i++) { /* ascending, as net-snmp expects */
		unsigned int n = 0;
		for (j = 0; j < column_count; j++)
			n += columns[j] < columns[i];
		if (!valid.details.list)
			valid.details.list = calloc(COLUMNS, sizeof *valid.details.list);
		valid.details.list[n] = columns[i];
	}
	valid.list_count = column_count;
	info->valid_columns = &valid;
	info->min_column = valid.details.list[0];
	info->max_column = valid.details.list[column_count - 1];
	netsnmp_tdata_register(netsnmp_create_handler_registration("mibbench", handle, base, base_length - 1, HANDLER_CAN_RWRITE), table, info);
}
