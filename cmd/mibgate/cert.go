package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"mibgate/agent/cli"
	"mibgate/element/certfile"
	"mibgate/mib"
	"mibgate/mib/cert"
	"mibgate/mib/text"
)

// importOptions are the flags of cert import.
type importOptions struct {
	data, kind, name, key string
	keyless               bool // no private key was given
}

func newCert() *cobra.Command {
	return group("cert", "Manage certificates", newCertImport())
}

func newCertImport() *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import --type other|host [--name NAME] FILE",
		Short: "Import a certificate from a PEM or DER file",
		Long: "Import a certificate. A host certificate is what the unit presents; its private key is in the same\n" +
			"PEM file or in --key, and stays as it is when there is none. An other certificate is one that the\n" +
			"unit trusts. A certificate of the same name is replaced; the next handshake uses the new one.",
		Args: cobra.ExactArgs(1),
	}
	cmd.RunE = runs(func(cmd *cobra.Command, args []string) error {
		assignments, err := o.assignments(cmd, args[0])
		if err != nil {
			return err
		}
		err = client(cmd, o.data, cli.Request{Verb: cli.VerbSet, Args: assignments})
		var refused *cli.RequestError
		if o.keyless && errors.As(err, &refused) && strings.Contains(refused.Message, "].PrivateKey") {
			err = fmt.Errorf("%w\n%s holds no private key: give it with --key FILE", err, args[0])
		}
		return err
	})
	dataFlag(cmd, &o.data)
	f := cmd.Flags()
	f.StringVar(&o.kind, "type", "", "`kind` of certificate: host or other")
	f.StringVar(&o.name, "name", "", "`name` in the unit (default: the name of the file)")
	f.StringVar(&o.key, "key", "", "`file` of the private key of a host certificate")
	_ = cmd.MarkFlagRequired("type")
	_ = cmd.RegisterFlagCompletionFunc("type", cobra.FixedCompletions([]string{"host", "other"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// assignments is the import as one transaction.
func (o *importOptions) assignments(cmd *cobra.Command, file string) ([]string, error) {
	if o.kind != "host" && o.kind != "other" {
		return nil, misused(fmt.Errorf("--type %q is neither host nor other", o.kind))
	}
	if o.name == "" {
		if file == "-" {
			return nil, misused(errors.New("standard input has no name: give --name"))
		}
		o.name = filepath.Base(file)
	}
	f, err := o.read(cmd, file)
	if err != nil {
		return nil, err
	}
	if o.kind == "other" {
		if f.Key != nil {
			return nil, misused(fmt.Errorf("%s holds a private key: an other certificate has none (--type host?)", file))
		}
		key := cert.OthersCertificatesInfoKey(o.name)
		return []string{
			text.Print(cert.Objects.OthersCertificatesInfoCertificate, key, mib.String(string(f.CertificatesPEM()))),
			text.Print(cert.Objects.OthersCertificatesInfoRowStatus, key, mib.Int(int32(mib.RowActive))),
		}, nil
	}
	key := cert.HostCertificatesInfoKey(o.name)
	out := []string{text.Print(cert.Objects.HostCertificatesInfoCertificate, key, mib.String(string(f.CertificatesPEM())))}
	if o.keyless = f.Key == nil; !o.keyless {
		out = append(out, text.Print(cert.Objects.HostCertificatesInfoPrivateKey, key, mib.String(string(f.KeyPEM()))))
	}
	return append(out, text.Print(cert.Objects.HostCertificatesInfoRowStatus, key, mib.Int(int32(mib.RowActive)))), nil
}

// read reads the files of the command line.
func (o *importOptions) read(cmd *cobra.Command, file string) (*certfile.File, error) {
	b, err := readBounded(cmd, file, certfile.MaxFile)
	if err != nil {
		return nil, err
	}
	if o.key == "" {
		f, err := certfile.Parse(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		return f, nil
	}
	k, err := readBounded(cmd, o.key, certfile.MaxFile)
	if err != nil {
		return nil, err
	}
	f, err := certfile.ParsePair(b, k)
	if err != nil {
		return nil, fmt.Errorf("%s with %s: %w", file, o.key, err)
	}
	return f, nil
}
