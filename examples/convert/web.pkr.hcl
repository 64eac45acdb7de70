# A web server as an archive: the files are collected by a script on this machine.

packer {
  required_version = ">= 1.7.0"
}

variable "release" {
  type        = string
  default     = "1.4.2"
  description = "Version of the site"

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", var.release))
    error_message = "The release must look like 1.2.3."
  }
}

variable "pages" {
  type    = map(string)
  default = { index = "Welcome", about = "Who we are" }
}

variable "with_checksum" {
  type    = bool
  default = true
}

locals {
  parts = split(".", var.release)
  # What the archive is called.
  name = "site-${local.parts[0]}"
}

source "file" "site" {
  target  = "${path.root}/output/${local.name}.txt"
  content = <<-EOT
    release ${var.release}
    %{~ for name, title in var.pages }
    ${name}: ${upper(title)}
    %{~ endfor }
  EOT
}

# Everything is built from one source.
build {
  name    = "web"
  sources = ["source.file.site"]

  provisioner "shell-local" {
    inline = ["echo building ${source.name} ${var.release}"] # shown in the log
  }

  dynamic "provisioner" {
    for_each = var.pages
    labels   = ["shell-local"]
    content {
      inline = ["echo page ${provisioner.key}: ${provisioner.value}"]
    }
  }

  post-processors {
    post-processor "compress" {
      output = "${path.root}/output/${local.name}.tar.gz"
    }

    dynamic "post-processor" {
      for_each = var.with_checksum ? [1] : []
      labels   = ["checksum"]
      content {
        checksum_types = ["sha256"]
        output         = "${path.root}/output/${local.name}.sha256"
      }
    }
  }
}
