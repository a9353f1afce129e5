package sipep

import "mibgate/mib"

// Validate refuses what cannot work.
func (s *Service) Validate(c mib.Configs) error { return nil }
