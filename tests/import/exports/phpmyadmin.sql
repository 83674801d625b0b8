-- phpMyAdmin SQL Dump
-- version 5.2.1
SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";
START TRANSACTION;
SET time_zone = "+00:00";

--
-- Extraindo dados da tabela `modelosemails`
--

INSERT INTO `modelosemails` (`idmodeloemail`, `titulo`, `texto`, `situacao`, `identificador`) VALUES
(101, 'Registro', '<p>Prezado(a) ${NOMECONTATO},</p><p>A solicitação ${IDSOLICITACAOSERVICO} foi registrada.</p>', 'A', 'registro'),
(102, 'Prazo', '<p>O prazo da atividade ${SERVICO} termina em ${DATAHORALIMITE}.</p>', 'A', 'prazo');
COMMIT;
