#!/usr/bin/perl
# Walks an agent by Perl's Net::SNMP, sets a string and reads it again:
#
#   netsnmp.pl PORT VERSION AUTH PRIV OID VALUE
#
# VERSION is v1, v2c (community public) or v3 (user admin). It prints a line
# "walk OID" for every instance, as they come, then "get VALUE".
use strict;
use warnings;
use Net::SNMP qw(:snmp ENDOFMIBVIEW OCTET_STRING);

my ($port, $version, $auth, $priv, $oid, $value) = @ARGV;
# v2c has no msgMaxSize: what the module takes has to hold all of an answer.
my %how = (-hostname => '127.0.0.1', -port => $port, -timeout => 10, -retries => 1, -translate => 0, -maxmsgsize => 65535);
if ($version eq 'v3') {
	my $password = 'correct horse';
	%how = (%how, -version => 3, -username => 'admin', -authprotocol => $auth, -authpassword => $password,
		-privprotocol => $priv, -privpassword => $password);
} else {
	%how = (%how, -version => $version eq 'v1' ? 1 : 2, -community => 'public');
}
my ($session, $error) = Net::SNMP->session(%how);
die "session: $error\n" unless $session;

my $at = '1.3';
my $end = 0;
while (!$end) {
	my $list = $version eq 'v1'
		? $session->get_next_request(-varbindlist => [$at])
		: $session->get_bulk_request(-maxrepetitions => 20, -varbindlist => [$at]);
	if (!defined $list) {
		last if $version eq 'v1' && $session->error() =~ /noSuchName/; # the end of the MIB
		die "after $at: ", $session->error(), "\n";
	}
	my $types = $session->var_bind_types();
	for my $name ($session->var_bind_names()) {
		if ($types->{$name} == ENDOFMIBVIEW) {
			$end = 1;
			last;
		}
		print "walk $name\n";
		$at = $name;
	}
}

$session->set_request(-varbindlist => [$oid, OCTET_STRING, $value]) or die 'set: ', $session->error(), "\n";
my $got = $session->get_request(-varbindlist => [$oid]) or die 'get: ', $session->error(), "\n";
print "get $got->{$oid}\n";
$session->close();
